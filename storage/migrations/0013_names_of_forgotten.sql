-- What is forgotten and still has the name of its owner, until the ledger's names go.
CREATE INDEX jobs_forgotten_by_age ON jobs (created_at) WHERE forgotten_at IS NOT NULL AND member_id > 0;
CREATE INDEX images_forgotten_by_age ON images (created_at) WHERE forgotten_at IS NOT NULL AND owner_id > 0;
