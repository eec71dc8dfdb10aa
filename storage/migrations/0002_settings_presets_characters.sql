-- What the managers of a server set. JSON: bot.domain.server_settings.ServerSettings
CREATE TABLE server_settings (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    data TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0), -- who changes it has to have seen this one
    updated_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL
);

-- What a member set. JSON: bot.domain.server_settings.MemberSettings
CREATE TABLE member_settings (
    member_id BIGINT NOT NULL PRIMARY KEY,
    data TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE presets (
    guild_id BIGINT NOT NULL,
    name_key TEXT NOT NULL, -- the name as it is compared: bot.domain.presets.folded
    name TEXT NOT NULL,
    data TEXT NOT NULL, -- JSON: bot.domain.presets.Preset
    version BIGINT NOT NULL CHECK (version > 0),
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL,
    PRIMARY KEY (guild_id, name_key)
);

CREATE TABLE characters (
    id TEXT NOT NULL PRIMARY KEY,
    owner_id BIGINT NOT NULL,
    name_key TEXT NOT NULL,
    name TEXT NOT NULL,
    guild_id BIGINT, -- the server that it is shared with
    consent BIGINT NOT NULL CHECK (consent IN (0, 1)),
    created_at BIGINT NOT NULL,
    UNIQUE (owner_id, name_key)
);

CREATE UNIQUE INDEX characters_shared ON characters (guild_id, name_key) WHERE guild_id IS NOT NULL;

CREATE TABLE character_pictures (
    character_id TEXT NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
    position BIGINT NOT NULL CHECK (position >= 0),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    mime TEXT NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 0),
    image_id TEXT, -- the image that it was taken from, which may be erased since: no foreign key
    PRIMARY KEY (character_id, position)
);

-- Which files are still in use, and which characters an image that was removed is in.
CREATE INDEX character_pictures_by_file ON character_pictures (sha256);
CREATE INDEX character_pictures_by_image ON character_pictures (image_id) WHERE image_id IS NOT NULL;

-- Append-only: triggers refuse UPDATE and DELETE.
CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT,
    actor_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    data TEXT NOT NULL -- JSON
);

CREATE INDEX audit_of_server ON audit (guild_id, at, id);
CREATE INDEX audit_of_actor ON audit (actor_id, at, id);
