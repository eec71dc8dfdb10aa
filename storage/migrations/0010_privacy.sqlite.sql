-- Append-only still: all that may change is that a person becomes nobody.
DROP TRIGGER ledger_keeps_values;
CREATE TRIGGER ledger_keeps_values BEFORE UPDATE ON ledger
WHEN NOT (
    OLD.member_id > 0 AND NEW.member_id <= 0 AND NEW.job_id = OLD.job_id AND NEW.kind = OLD.kind
    AND NEW.guild_id IS OLD.guild_id AND NEW.charged_at = OLD.charged_at AND NEW.at = OLD.at
    AND NEW.reserved_images = OLD.reserved_images AND NEW.reserved_micros = OLD.reserved_micros
    AND NEW.settled_images = OLD.settled_images AND NEW.settled_micros = OLD.settled_micros
    AND NEW.stranger = OLD.stranger
)
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;

DROP TRIGGER audit_keeps_values;
CREATE TRIGGER audit_keeps_values BEFORE UPDATE ON audit
WHEN NOT (
    NEW.salt IS NULL AND (NEW.actor_id <= 0 OR NEW.actor_id = OLD.actor_id) AND NEW.number IS OLD.number
    AND NEW.seal IS OLD.seal AND NEW.hash IS OLD.hash AND NEW.id = OLD.id AND NEW.guild_id IS OLD.guild_id AND NEW.at = OLD.at
    AND NEW.action = OLD.action AND NEW.target IN (OLD.target, '') AND NEW.data IN (OLD.data, '{}')
)
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

DROP TRIGGER grants_keep_values;
CREATE TRIGGER grants_keep_values BEFORE UPDATE ON grants
WHEN NOT (
    (NEW.member_id < 0 OR COALESCE(NEW.actor_id, 0) < 0) AND (NEW.member_id < 0 OR NEW.member_id = OLD.member_id)
    AND (COALESCE(NEW.actor_id, 0) < 0 OR NEW.actor_id IS OLD.actor_id) AND NEW.grant_id = OLD.grant_id
    AND NEW.kind = OLD.kind AND NEW.guild_id = OLD.guild_id AND NEW.images = OLD.images AND NEW.at = OLD.at
    AND NEW.charged_at = OLD.charged_at AND NEW.expires_at = OLD.expires_at AND NEW.job_id IS OLD.job_id
    AND NEW.reason IN (OLD.reason, '')
)
BEGIN
    SELECT RAISE(ABORT, 'grants is append-only');
END;

DROP TRIGGER resets_keep_values;
CREATE TRIGGER resets_keep_values BEFORE UPDATE ON resets
WHEN NOT (
    (NEW.member_id < 0 OR COALESCE(NEW.actor_id, 0) < 0) AND (NEW.member_id < 0 OR NEW.member_id = OLD.member_id)
    AND (NEW.actor_id < 0 OR NEW.actor_id = OLD.actor_id) AND NEW.guild_id = OLD.guild_id
    AND NEW.at = OLD.at AND NEW.reason IN (OLD.reason, '')
)
BEGIN
    SELECT RAISE(ABORT, 'resets is append-only');
END;
