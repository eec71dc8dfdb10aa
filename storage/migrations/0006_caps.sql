-- Caps of members, servers and the whole bot; tiers; grants; and the sums that make them quick to check.

-- Higher goes first.
ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
-- How many jobs of its member may run with it. NULL: as many as of everybody else.
ALTER TABLE jobs ADD COLUMN max_running INTEGER NULL;

ALTER TABLE ledger ADD COLUMN stranger BIGINT NOT NULL DEFAULT 0 CHECK (stranger IN (0, 1));

DROP INDEX ledger_use;
-- A member's use of a period that is no whole number of quarters, answered from the index alone.
CREATE INDEX ledger_use ON ledger
    (member_id, charged_at, reserved_images, settled_images, reserved_micros, settled_micros);

-- Append-only: what jobs cost that made nothing.
CREATE TABLE losses (
    job_id TEXT NOT NULL PRIMARY KEY REFERENCES jobs (id),
    guild_id BIGINT,
    charged_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    micros BIGINT NOT NULL CHECK (micros > 0),
    stranger BIGINT NOT NULL CHECK (stranger IN (0, 1))
);

-- The ledger and the losses, summed up by quarters of an hour: every time zone of today begins its days at
-- one. Written together with the entries; `images` and `micros` are reserved and settled together.
CREATE TABLE ledger_sums (
    account TEXT NOT NULL CHECK (account IN ('member', 'server', 'bot', 'strangers')),
    account_id BIGINT NOT NULL, -- 0 for the bot and for strangers
    quarter BIGINT NOT NULL,
    images BIGINT NOT NULL,
    micros BIGINT NOT NULL,
    PRIMARY KEY (account, account_id, quarter)
);

INSERT INTO ledger_sums (account, account_id, quarter, images, micros)
SELECT
    'member', member_id, charged_at - charged_at % 900000, SUM(reserved_images + settled_images),
    SUM(reserved_micros + settled_micros)
FROM ledger GROUP BY member_id, charged_at - charged_at % 900000;

INSERT INTO ledger_sums (account, account_id, quarter, images, micros)
SELECT
    'server', guild_id, charged_at - charged_at % 900000, SUM(reserved_images + settled_images),
    SUM(reserved_micros + settled_micros)
FROM ledger WHERE guild_id IS NOT NULL GROUP BY guild_id, charged_at - charged_at % 900000;

INSERT INTO ledger_sums (account, account_id, quarter, images, micros)
SELECT
    'bot', 0, charged_at - charged_at % 900000, SUM(reserved_images + settled_images),
    SUM(reserved_micros + settled_micros)
FROM ledger GROUP BY charged_at - charged_at % 900000;

-- What the managers of a server allow. JSON: bot.domain.server_limits.ServerLimits
CREATE TABLE server_limits (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    data TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0), -- who changes it has to have seen this one
    updated_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL
);

-- Tiers that members have for a time.
CREATE TABLE memberships (
    guild_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    tier TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    given_by BIGINT NOT NULL,
    PRIMARY KEY (guild_id, member_id, tier)
);

-- Append-only: images beside the daily cap. A grant's balance is the sum of its entries.
CREATE TABLE grants (
    grant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    guild_id BIGINT NOT NULL, -- 0 outside of servers
    member_id BIGINT NOT NULL,
    images BIGINT NOT NULL,
    at BIGINT NOT NULL,
    charged_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    job_id TEXT REFERENCES jobs (id),
    actor_id BIGINT,
    reason TEXT NOT NULL,
    CHECK (
        (kind = 'grant' AND images > 0 AND job_id IS NULL AND actor_id IS NOT NULL)
        OR (kind = 'carry' AND images >= 0 AND job_id IS NULL)
        OR (kind = 'draw' AND images < 0 AND job_id IS NOT NULL)
        OR (kind = 'return' AND images > 0 AND job_id IS NOT NULL)
        OR (kind = 'revoke' AND images <= 0 AND job_id IS NULL AND actor_id IS NOT NULL)
    )
);

CREATE UNIQUE INDEX grants_opened ON grants (grant_id) WHERE kind IN ('grant', 'carry');
CREATE UNIQUE INDEX grants_revoked ON grants (grant_id) WHERE kind = 'revoke';
CREATE UNIQUE INDEX grants_of_job ON grants (job_id, grant_id, kind) WHERE job_id IS NOT NULL;
CREATE INDEX grants_of_member ON grants (member_id, guild_id, expires_at);
CREATE INDEX grants_use ON grants (member_id, charged_at, images) WHERE job_id IS NOT NULL;

-- Append-only: from then on, a member's earlier use of that day does not count in a server.
CREATE TABLE resets (
    guild_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (guild_id, member_id, at)
);
