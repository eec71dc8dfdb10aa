-- The queue: who has had how much lately, how fast models answer, who cancelled; which models are paused or
-- slowed down; and the notes to servers that are sent once.

-- the one asked for, until another took its place
ALTER TABLE jobs ADD COLUMN model TEXT NOT NULL DEFAULT '';
-- '': the model's own
ALTER TABLE jobs ADD COLUMN size TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN images BIGINT NOT NULL DEFAULT 1;
-- the model that takes its place where it is out of reach
ALTER TABLE jobs ADD COLUMN fallback TEXT;
-- somebody wants no more of it while it is at work
ALTER TABLE jobs ADD COLUMN cancelled_at BIGINT;

-- What a member has had lately, answered from the index alone.
CREATE INDEX jobs_of_member_by_start ON jobs (member_id, started_at, images, finished_at);
-- How many calls of a model began lately.
CREATE INDEX jobs_of_model_by_start ON jobs (model, started_at, images);
-- How long a model took lately.
CREATE INDEX jobs_by_latency ON jobs (model, size, finished_at, started_at) WHERE state = 'succeeded';
-- What became of the requests of a server.
CREATE INDEX jobs_of_server ON jobs (guild_id, created_at, state, failure_code, started_at, finished_at);
-- What a server used.
CREATE INDEX ledger_of_server ON ledger (guild_id, charged_at, member_id, settled_images, settled_micros, job_id)
    WHERE kind = 'settle';

-- What is known about each model's way: the columns are for admission, the rest is JSON
-- (bot.domain.lanes.Lane). A model without a row is open.
CREATE TABLE lanes (
    model TEXT NOT NULL PRIMARY KEY,
    paused_until BIGINT NOT NULL, -- nothing is begun before
    at_once BIGINT, -- jobs at work at most, while its failures make it doubtful
    per_minute BIGINT, -- calls at most
    data TEXT NOT NULL
);

-- What a server is told about once: each note is sent to its log channel.
CREATE TABLE spending_notes (
    guild_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL, -- about what: with the kind it makes the note the only one of its period
    at BIGINT NOT NULL,
    data TEXT NOT NULL, -- JSON: what its sentence says
    sent_at BIGINT,
    PRIMARY KEY (guild_id, kind, subject)
);

CREATE INDEX spending_notes_unsent ON spending_notes (at) WHERE sent_at IS NULL;
