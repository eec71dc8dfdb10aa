-- Privacy: what was forgotten, who wants to be, which servers the bot has left, and files that nobody may need.

-- Prompt, pictures and place are gone; what counts for caps, sums and the chain of the audit stays.
ALTER TABLE jobs ADD COLUMN forgotten_at BIGINT;
ALTER TABLE images ADD COLUMN forgotten_at BIGINT;

-- Jobs that have no picture which would say when they are forgotten.
CREATE INDEX jobs_to_forget ON jobs (finished_at)
    WHERE forgotten_at IS NULL AND (state = 'failed' OR kind = 'describe');
CREATE INDEX images_by_owner ON images (owner_id, created_at);
CREATE INDEX images_by_age ON images (created_at) WHERE forgotten_at IS NULL;
CREATE INDEX images_by_end ON images (deleted_at) WHERE forgotten_at IS NULL AND deleted_at IS NOT NULL;
CREATE INDEX images_by_deleter ON images (deleted_by) WHERE deleted_by IS NOT NULL;
CREATE INDEX images_in_server ON images (guild_id) WHERE forgotten_at IS NULL;
CREATE INDEX job_events_by_age ON job_events (at);
CREATE INDEX ledger_by_age ON ledger (charged_at) WHERE member_id > 0;
CREATE INDEX audit_by_age ON audit (at) WHERE actor_id > 0;

-- Who wants to be forgotten, until nothing is left to forget. The id takes the member's place in what stays.
CREATE TABLE erasures (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id < 0),
    member_id BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    erased_at BIGINT
);

CREATE INDEX erasures_of_member ON erasures (member_id);

-- When a member last took what there is of them.
CREATE TABLE exports (
    member_id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);

-- Servers that the bot was removed from, and since when.
CREATE TABLE departures (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);

-- Files that lost somebody who needed them. Each is removed once it is seen that nobody else does.
CREATE TABLE freed_files (
    sha256 TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);

CREATE INDEX attempts_of_person ON attempts (member_id, at);
CREATE INDEX cases_of_person ON cases (member_id);
CREATE INDEX notes_of_person ON member_notes (member_id);
CREATE INDEX audit_of_target ON audit (target);
CREATE INDEX turns_of_job ON turns (job_id);
CREATE INDEX turns_of_author ON turns (author_id);
CREATE INDEX conversations_of_owner ON conversations (owner_id);
