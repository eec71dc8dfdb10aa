-- The language of those who see what is public where a request came from; `locale` is its member's alone.

ALTER TABLE jobs ADD COLUMN place_locale TEXT NOT NULL DEFAULT 'en-US';
