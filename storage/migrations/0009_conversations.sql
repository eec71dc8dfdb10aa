-- Conversations: the turns of a thread as a tree.

-- The message that asked, where it was no interaction; the conversation that the job is a turn of, and its
-- number there.
ALTER TABLE jobs ADD COLUMN message_id BIGINT;
ALTER TABLE jobs ADD COLUMN conversation TEXT;
ALTER TABLE jobs ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;

-- Who waits for whom: the turns of a conversation are made one after the other.
CREATE INDEX jobs_in_conversation ON jobs (conversation, turn)
    WHERE conversation IS NOT NULL AND state IN ('created', 'running', 'storing');

CREATE TABLE conversations (
    id TEXT NOT NULL PRIMARY KEY,
    place_id BIGINT, -- the thread, or the direct messages, nothing while it is being opened
    channel_id BIGINT NOT NULL,
    guild_id BIGINT,
    owner_id BIGINT NOT NULL,
    participants TEXT NOT NULL,
    model TEXT NOT NULL,
    private BIGINT NOT NULL CHECK (private IN (0, 1)),
    head TEXT, -- a turn
    moves BIGINT NOT NULL CHECK (moves >= 0),
    turns BIGINT NOT NULL CHECK (turns >= 0),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    ended_at BIGINT,
    ending TEXT,
    CHECK ((ended_at IS NULL) = (ending IS NULL))
);

-- One conversation at a time in a place.
CREATE UNIQUE INDEX conversations_open ON conversations (place_id) WHERE ended_at IS NULL;
CREATE INDEX conversations_of_place ON conversations (place_id, created_at);
CREATE INDEX conversations_of_channel ON conversations (channel_id) WHERE ended_at IS NULL;

CREATE TABLE conversation_members (
    conversation_id TEXT NOT NULL REFERENCES conversations (id),
    member_id BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, member_id)
);

CREATE TABLE turns (
    id TEXT NOT NULL PRIMARY KEY, -- that of its job, but a root that was made elsewhere has one of its own
    conversation_id TEXT NOT NULL REFERENCES conversations (id),
    number BIGINT NOT NULL CHECK (number > 0),
    job_id TEXT NOT NULL REFERENCES jobs (id),
    position BIGINT NOT NULL CHECK (position >= 0),
    author_id BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'started', 'done', 'failed')),
    created_at BIGINT NOT NULL,
    parent TEXT, -- a turn of the same conversation
    branches BIGINT NOT NULL CHECK (branches IN (0, 1)),
    prompt_id BIGINT, -- the message that asked for it
    said TEXT, -- JSON: the texts and pictures that were sent
    image_id TEXT, -- an image, which may be erased since: no foreign key
    family TEXT NOT NULL,
    moves BIGINT NOT NULL,
    alone BIGINT NOT NULL CHECK (alone IN (0, 1)),
    notes TEXT NOT NULL -- JSON
);

CREATE INDEX turns_of_conversation ON turns (conversation_id, number);
CREATE INDEX turns_of_prompt ON turns (prompt_id) WHERE prompt_id IS NOT NULL;
CREATE INDEX turns_of_image ON turns (image_id, conversation_id) WHERE image_id IS NOT NULL;

-- Which picture somebody replied to.
CREATE INDEX deliveries_of_message ON deliveries (message_id) WHERE message_id IS NOT NULL;
