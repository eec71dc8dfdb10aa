-- Moderation: pictures that are withheld, cases with their reports, strikes, bans and notes, what has to happen
-- in Discord, and the audit as a chain.

-- A picture that is kept as evidence and shown to nobody: bot.domain.images.Withheld
ALTER TABLE images ADD COLUMN withheld TEXT CHECK (withheld IN ('hidden', 'removed'));
CREATE INDEX images_withheld ON images (sha256) WHERE withheld IS NOT NULL;

CREATE TABLE cases (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    image_id TEXT NOT NULL UNIQUE REFERENCES images (id), -- one case for each image
    member_id BIGINT NOT NULL, -- who made the image
    reason TEXT NOT NULL, -- bot.domain.cases.Reason, the gravest
    gravity BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'dismissed', 'removed')),
    reports BIGINT NOT NULL CHECK (reports >= 0),
    turn BIGINT NOT NULL CHECK (turn >= 0), -- counts what moderators did
    claimed_by BIGINT,
    claimed_at BIGINT,
    decision TEXT,
    decided_by BIGINT,
    decided_at BIGINT,
    reports_decided BIGINT NOT NULL,
    blocked BIGINT NOT NULL CHECK (blocked IN (0, 1)),
    channel_id BIGINT,
    message_id BIGINT,
    reminded_at BIGINT,
    UNIQUE (guild_id, number),
    CHECK ((claimed_by IS NULL) = (claimed_at IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK (state = 'open' OR decided_at IS NOT NULL)
);

CREATE INDEX cases_in_queue ON cases (guild_id, state, gravity, opened_at);
CREATE INDEX cases_of_member ON cases (guild_id, member_id);

CREATE TABLE reports (
    case_id TEXT NOT NULL REFERENCES cases (id),
    reporter_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    wants_outcome BIGINT NOT NULL CHECK (wants_outcome IN (0, 1)),
    at BIGINT NOT NULL,
    PRIMARY KEY (case_id, reporter_id) -- one report for each person and image
);

CREATE INDEX reports_of_reporter ON reports (reporter_id, at);

CREATE TABLE strikes (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    given_by BIGINT NOT NULL,
    reason TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    case_id TEXT REFERENCES cases (id),
    pardoned_at BIGINT,
    pardoned_by BIGINT,
    CHECK ((pardoned_at IS NULL) = (pardoned_by IS NULL))
);

CREATE INDEX strikes_of_member ON strikes (member_id, guild_id, at);

CREATE TABLE bans (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL, -- 0: everywhere
    member_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    given_by BIGINT NOT NULL,
    reason TEXT NOT NULL,
    ends_at BIGINT, -- NULL: for good
    case_id TEXT REFERENCES cases (id),
    lifted_at BIGINT,
    lifted_by BIGINT,
    appeal TEXT,
    appealed_at BIGINT,
    answered_at BIGINT,
    answered_by BIGINT,
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL)),
    CHECK ((appeal IS NULL) = (appealed_at IS NULL))
);

-- A new ban takes the place of the one before it.
CREATE UNIQUE INDEX bans_that_hold ON bans (member_id, guild_id) WHERE lifted_at IS NULL;

CREATE TABLE member_notes (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    written_by BIGINT NOT NULL,
    text TEXT NOT NULL
);

CREATE INDEX notes_of_member ON member_notes (guild_id, member_id, at);

-- What has to happen in Discord. Done is deleted; what cannot be done has no due_at and says why.
CREATE TABLE notices (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    version BIGINT NOT NULL,
    due_at BIGINT,
    tries BIGINT NOT NULL,
    data TEXT NOT NULL, -- JSON
    failure TEXT NOT NULL,
    PRIMARY KEY (kind, subject)
);

CREATE INDEX notices_due ON notices (due_at) WHERE due_at IS NOT NULL;

-- The audit as a chain (storage.audit). What is older than the chain has no number; its first row covers it.
ALTER TABLE audit ADD COLUMN number BIGINT;
ALTER TABLE audit ADD COLUMN salt TEXT;
ALTER TABLE audit ADD COLUMN seal TEXT;
ALTER TABLE audit ADD COLUMN hash TEXT;
CREATE UNIQUE INDEX audit_chain ON audit (number) WHERE number IS NOT NULL;

CREATE TABLE audit_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    number BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (id, number, hash) VALUES (1, 0, '');
