-- Messages that people delete: what they asked for is forgotten, but for what moderators may need for a while.

-- Messages beside the one that asked (turns.prompt_id) whose words went into a job, too.
CREATE TABLE job_messages (
    message_id BIGINT NOT NULL,
    job_id TEXT NOT NULL REFERENCES jobs (id),
    PRIMARY KEY (message_id, job_id)
);

CREATE INDEX job_messages_of_job ON job_messages (job_id);

-- Jobs whose message is gone. The words leave the job when it has ended; from then on they are here alone.
CREATE TABLE retractions (
    job_id TEXT NOT NULL PRIMARY KEY REFERENCES jobs (id),
    at BIGINT NOT NULL,
    kept TEXT -- JSON: bot.domain.retractions.Kept; NULL: it has not been carried out yet
);

CREATE INDEX retractions_due ON retractions (at) WHERE kept IS NULL;
CREATE INDEX retractions_by_age ON retractions (at) WHERE kept IS NOT NULL;

-- Ended conversations, too: a channel's deletion takes what was said in them.
DROP INDEX conversations_of_channel;
CREATE INDEX conversations_of_channel ON conversations (channel_id);
