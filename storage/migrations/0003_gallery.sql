-- Finding pictures again: by owner and time, by the kind and the words of their request, by their parent; and
-- where copies of them were posted.

ALTER TABLE jobs ADD COLUMN kind TEXT NOT NULL DEFAULT '';
-- The prompt as it is compared (bot.domain.gallery.fold). What is older than this column was only made
-- lower-case by the database, which on SQLite knows the letters of ASCII.
ALTER TABLE jobs ADD COLUMN words TEXT NOT NULL DEFAULT '';

CREATE INDEX images_of_owner ON images (owner_id, created_at, job_id, position) WHERE deleted_at IS NULL;
CREATE INDEX images_of_parent ON images (parent, created_at, id) WHERE parent IS NOT NULL AND deleted_at IS NULL;

-- Messages that show a picture beside the one that its job was answered with.
CREATE TABLE postings (
    message_id BIGINT NOT NULL PRIMARY KEY,
    channel_id BIGINT NOT NULL,
    image_id TEXT NOT NULL REFERENCES images (id),
    at BIGINT NOT NULL
);

CREATE INDEX postings_of_image ON postings (image_id);
