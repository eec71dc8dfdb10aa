-- Times are UTC milliseconds, ids of Discord and money (micro-dollars) are integers, yes and no are 1 and 0,
-- JSON is text. Valid on SQLite and PostgreSQL; what is not stands in the files beside this one.

CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('created', 'running', 'storing', 'succeeded', 'failed')),
    request TEXT NOT NULL, -- JSON: bot.domain.requests.Request
    origin_key TEXT NOT NULL UNIQUE, -- a second delivery of the same interaction is the same job
    application_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    guild_id BIGINT,
    channel_id BIGINT NOT NULL,
    token TEXT, -- a secret, removed once it is too old to be of use
    token_at BIGINT NOT NULL,
    upload_limit BIGINT NOT NULL CHECK (upload_limit >= 0),
    direct BIGINT NOT NULL CHECK (direct IN (0, 1)),
    locale TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    lease_owner TEXT,
    lease_until BIGINT,
    failure_code TEXT,
    failure_message TEXT,
    failure_reference TEXT,
    cost_micros BIGINT CHECK (cost_micros >= 0),
    -- A job at work without a lease would never be found again after a crash.
    CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
    CHECK ((state IN ('running', 'storing')) = (lease_owner IS NOT NULL)),
    CHECK ((state IN ('succeeded', 'failed')) = (finished_at IS NOT NULL)),
    CHECK ((state = 'failed') = (failure_code IS NOT NULL)),
    CHECK (cost_micros IS NULL OR state = 'succeeded')
);

-- Admission and the queue: who waits, who runs, the oldest first.
CREATE INDEX jobs_by_state ON jobs (state, created_at, id, member_id);

CREATE INDEX jobs_with_token ON jobs (token_at) WHERE token IS NOT NULL;

CREATE TABLE job_events (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    number BIGINT NOT NULL, -- counts the events of a job from 1
    at BIGINT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (job_id, number)
);

CREATE TABLE images (
    id TEXT NOT NULL PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES jobs (id),
    position BIGINT NOT NULL CHECK (position >= 0),
    owner_id BIGINT NOT NULL,
    guild_id BIGINT,
    private BIGINT NOT NULL CHECK (private IN (0, 1)),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    mime TEXT NOT NULL,
    width BIGINT NOT NULL CHECK (width > 0),
    height BIGINT NOT NULL CHECK (height > 0),
    size BIGINT NOT NULL CHECK (size >= 0),
    created_at BIGINT NOT NULL,
    parent TEXT, -- the image that it was made from, which may be erased since: no foreign key
    deleted_at BIGINT,
    deleted_by BIGINT,
    CHECK ((deleted_at IS NULL) = (deleted_by IS NULL)),
    UNIQUE (job_id, position)
);

-- What the provider sent for each picture of a job, whether it was one or not.
CREATE TABLE answers (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    position BIGINT NOT NULL CHECK (position >= 0),
    verdict TEXT NOT NULL,
    model TEXT NOT NULL,
    model_version TEXT NOT NULL,
    response_id TEXT NOT NULL,
    finish_reason TEXT NOT NULL,
    message TEXT NOT NULL,
    text TEXT NOT NULL,
    pictures TEXT NOT NULL, -- JSON: a list of bot.domain.answers.Picture
    usage TEXT NOT NULL, -- JSON: bot.domain.answers.Usage
    safety TEXT NOT NULL, -- JSON
    content TEXT, -- JSON: the model's content verbatim, each image's data replaced by its blob's name
    image_id TEXT REFERENCES images (id),
    PRIMARY KEY (job_id, position)
);

-- Append-only: triggers refuse UPDATE and DELETE.
CREATE TABLE ledger (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    kind TEXT NOT NULL,
    member_id BIGINT NOT NULL,
    guild_id BIGINT,
    charged_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    reserved_images BIGINT NOT NULL,
    reserved_micros BIGINT NOT NULL,
    settled_images BIGINT NOT NULL CHECK (settled_images >= 0),
    settled_micros BIGINT NOT NULL CHECK (settled_micros >= 0),
    CHECK (
        (kind = 'reserve' AND reserved_images >= 0 AND reserved_micros >= 0
            AND settled_images = 0 AND settled_micros = 0)
        OR (kind = 'settle' AND reserved_images <= 0 AND reserved_micros <= 0
            AND settled_images <= -reserved_images)
        OR (kind = 'release' AND reserved_images <= 0 AND reserved_micros <= 0
            AND settled_images = 0 AND settled_micros = 0)
    )
);

-- A job is reserved once and closed once.
CREATE UNIQUE INDEX ledger_reservation ON ledger (job_id) WHERE kind = 'reserve';
CREATE UNIQUE INDEX ledger_close ON ledger (job_id) WHERE kind IN ('settle', 'release');
-- A member's use of a period, answered from the index alone.
CREATE INDEX ledger_use ON ledger (member_id, charged_at, reserved_images, settled_images);

CREATE TABLE deliveries (
    job_id TEXT NOT NULL PRIMARY KEY REFERENCES jobs (id),
    state TEXT NOT NULL CHECK (state IN ('open', 'pending', 'sent', 'kept')),
    updated_at BIGINT NOT NULL,
    card_message_id BIGINT,
    way TEXT,
    channel_id BIGINT,
    message_id BIGINT,
    tries BIGINT NOT NULL CHECK (tries >= 0)
);

CREATE INDEX deliveries_pending ON deliveries (job_id) WHERE state = 'pending';
CREATE INDEX deliveries_kept ON deliveries (job_id) WHERE state = 'kept';
