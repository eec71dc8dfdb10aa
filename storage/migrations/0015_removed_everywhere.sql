-- What is withheld is withheld with every image of its server that has the same bytes; and where conversations
-- were posted as one picture.

-- What was decided about this image itself. `withheld` is the strictest of all with its bytes in its server.
ALTER TABLE images ADD COLUMN judged TEXT CHECK (judged IN ('hidden', 'removed'));
UPDATE images SET judged = withheld WHERE withheld IS NOT NULL;

CREATE INDEX images_by_bytes ON images (sha256, guild_id);

-- The messages of those that stood beside a withheld one have to agree with it.
INSERT INTO notices (kind, subject, version, due_at, tries, data, failure)
SELECT 'picture', images.id, 1, 0, 0, '{}', '' FROM images
WHERE images.deleted_at IS NULL AND images.forgotten_at IS NULL AND EXISTS (
    SELECT 1 FROM images AS twins
    WHERE twins.sha256 = images.sha256 AND twins.guild_id = images.guild_id
        AND twins.judged > COALESCE(images.judged, '')
)
ON CONFLICT (kind, subject) DO NOTHING;

UPDATE images SET withheld = (
    SELECT MAX(twins.judged) FROM images AS twins
    WHERE twins.sha256 = images.sha256 AND twins.guild_id = images.guild_id AND twins.judged IS NOT NULL
)
WHERE images.forgotten_at IS NULL AND EXISTS (
    SELECT 1 FROM images AS twins
    WHERE twins.sha256 = images.sha256 AND twins.guild_id = images.guild_id AND twins.judged IS NOT NULL
);

-- Whether a copy is a spoiler: it comes back as one.
ALTER TABLE postings ADD COLUMN spoiler BIGINT NOT NULL DEFAULT 0 CHECK (spoiler IN (0, 1));

-- Messages that show turns of a conversation as one picture.
CREATE TABLE drawings (
    message_id BIGINT NOT NULL PRIMARY KEY,
    channel_id BIGINT NOT NULL,
    conversation_id TEXT NOT NULL REFERENCES conversations (id),
    compares BIGINT NOT NULL CHECK (compares IN (0, 1)), -- two turns beside each other, else a tree
    head TEXT, -- the turn that was the head
    locale TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX drawings_of_conversation ON drawings (conversation_id);
CREATE INDEX drawings_by_age ON drawings (at);

CREATE TABLE drawn_turns (
    message_id BIGINT NOT NULL REFERENCES drawings (message_id),
    place BIGINT NOT NULL CHECK (place >= 0), -- among the turns of the drawing
    turn_id TEXT NOT NULL REFERENCES turns (id),
    gone BIGINT NOT NULL DEFAULT 0 CHECK (gone IN (0, 1)), -- drawn without its picture, which was deleted
    PRIMARY KEY (message_id, place)
);

CREATE INDEX drawn_turns_of_turn ON drawn_turns (turn_id);
