-- What is forgotten and still has the name of its owner, until the ledger's names go.
CREATE INDEX jobs_forgotten_by_age ON jobs (created_at) WHERE forgotten_at IS NOT NULL AND member_id > 0;
CREATE INDEX images_forgotten_by_age ON images (created_at) WHERE forgotten_at IS NOT NULL AND owner_id > 0;

-- The servers that the bot is in, and those that it was removed from until what belongs to them is forgotten.
-- Requests name servers that it never was in, too: it comes along with people who have installed it.
CREATE TABLE servers (
    guild_id BIGINT NOT NULL PRIMARY KEY
);
INSERT INTO servers (guild_id)
SELECT guild_id FROM server_settings
UNION SELECT guild_id FROM server_limits
UNION SELECT guild_id FROM word_lists
UNION SELECT guild_id FROM presets
UNION SELECT guild_id FROM cases
UNION SELECT guild_id FROM departures;
