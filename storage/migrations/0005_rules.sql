-- Rules about words and pictures: servers' own lists, refused attempts, pictures that may not come back.

-- A server's words. JSON: bot.domain.rules.words.ServerWords
CREATE TABLE word_lists (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    entries TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0), -- who changes it has to have seen this one
    updated_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL
);

-- What was refused by a rule, as evidence for the moderators of its server.
CREATE TABLE attempts (
    id TEXT NOT NULL PRIMARY KEY, -- of the interaction or message: delivered twice, it counts once
    guild_id BIGINT NOT NULL, -- 0: in direct messages
    channel_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    rule TEXT NOT NULL,
    entries TEXT NOT NULL, -- JSON: which entries of the lists were found
    what TEXT NOT NULL, -- prompt, or what kind of name
    text TEXT NOT NULL, -- JSON: what was written
    kept_until BIGINT NOT NULL
);

CREATE INDEX attempts_of_member ON attempts (guild_id, member_id, at);
CREATE INDEX attempts_of_server ON attempts (guild_id, at, id);
CREATE INDEX attempts_to_forget ON attempts (kept_until);

-- Pictures that are refused and not shown, by what they look like.
CREATE TABLE blocked_pictures (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL, -- 0: everywhere, by the operator
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    hashes TEXT NOT NULL, -- bot.domain.picture_hashes
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    blocked_by BIGINT NOT NULL,
    UNIQUE (guild_id, sha256)
);
