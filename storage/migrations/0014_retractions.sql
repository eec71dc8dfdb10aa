-- Messages that people delete: what they asked for is forgotten, but for what moderators may need for a while.

-- Messages beside the one that asked (turns.prompt_id) that went into a job: their words, or their pictures alone.
CREATE TABLE job_messages (
    message_id BIGINT NOT NULL,
    job_id TEXT NOT NULL REFERENCES jobs (id),
    pictures BIGINT NOT NULL CHECK (pictures IN (0, 1)),
    PRIMARY KEY (message_id, job_id)
);

CREATE INDEX job_messages_of_job ON job_messages (job_id);

-- Jobs whose message is gone. What it said leaves the job when that has ended; from then on it is here alone.
CREATE TABLE retractions (
    job_id TEXT NOT NULL PRIMARY KEY REFERENCES jobs (id),
    at BIGINT NOT NULL,
    pictures BIGINT NOT NULL CHECK (pictures IN (0, 1)), -- only the pictures that were taken from it
    due BIGINT NOT NULL CHECK (due IN (0, 1)), -- it has not been carried out yet
    kept TEXT -- JSON: bot.domain.retractions.Kept
);

CREATE INDEX retractions_due ON retractions (at) WHERE due = 1;
CREATE INDEX retractions_by_age ON retractions (at) WHERE due = 0;

-- Ended conversations, too: a channel's deletion takes what was said in them.
DROP INDEX conversations_of_channel;
CREATE INDEX conversations_of_channel ON conversations (channel_id);
