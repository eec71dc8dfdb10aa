-- Append-only still: all that may change is that a person becomes nobody.
DROP TRIGGER ledger_keeps_entries ON ledger;
CREATE TRIGGER ledger_keeps_entries BEFORE DELETE OR TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_keeps_values BEFORE UPDATE ON ledger
    FOR EACH ROW WHEN (NOT (
        OLD.member_id > 0 AND NEW.member_id <= 0 AND NEW.job_id = OLD.job_id AND NEW.kind = OLD.kind
        AND NEW.guild_id IS NOT DISTINCT FROM OLD.guild_id AND NEW.charged_at = OLD.charged_at
        AND NEW.at = OLD.at AND NEW.reserved_images = OLD.reserved_images
        AND NEW.reserved_micros = OLD.reserved_micros AND NEW.settled_images = OLD.settled_images
        AND NEW.settled_micros = OLD.settled_micros AND NEW.stranger = OLD.stranger
    )) EXECUTE FUNCTION refuse_ledger_change();

DROP TRIGGER audit_keeps_entries ON audit;
CREATE TRIGGER audit_keeps_entries BEFORE DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_keeps_values BEFORE UPDATE ON audit
    FOR EACH ROW WHEN (NOT (
        NEW.salt IS NULL AND (NEW.actor_id <= 0 OR NEW.actor_id = OLD.actor_id)
        AND NEW.number IS NOT DISTINCT FROM OLD.number AND NEW.seal IS NOT DISTINCT FROM OLD.seal
        AND NEW.hash IS NOT DISTINCT FROM OLD.hash AND NEW.id = OLD.id AND NEW.guild_id IS NOT DISTINCT FROM OLD.guild_id
        AND NEW.at = OLD.at AND NEW.action = OLD.action AND NEW.target IN (OLD.target, '')
        AND NEW.data IN (OLD.data, '{}')
    )) EXECUTE FUNCTION refuse_audit_change();

DROP TRIGGER grants_keep_entries ON grants;
CREATE TRIGGER grants_keep_entries BEFORE DELETE OR TRUNCATE ON grants
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER grants_keep_values BEFORE UPDATE ON grants
    FOR EACH ROW WHEN (NOT (
        (NEW.member_id < 0 OR COALESCE(NEW.actor_id, 0) < 0)
        AND (NEW.member_id < 0 OR NEW.member_id = OLD.member_id)
        AND (COALESCE(NEW.actor_id, 0) < 0 OR NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id)
        AND NEW.grant_id = OLD.grant_id AND NEW.kind = OLD.kind AND NEW.guild_id = OLD.guild_id
        AND NEW.images = OLD.images AND NEW.at = OLD.at AND NEW.charged_at = OLD.charged_at
        AND NEW.expires_at = OLD.expires_at AND NEW.job_id IS NOT DISTINCT FROM OLD.job_id
        AND NEW.reason IN (OLD.reason, '')
    )) EXECUTE FUNCTION refuse_ledger_change();

DROP TRIGGER resets_keep_entries ON resets;
CREATE TRIGGER resets_keep_entries BEFORE DELETE OR TRUNCATE ON resets
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER resets_keep_values BEFORE UPDATE ON resets
    FOR EACH ROW WHEN (NOT (
        (NEW.member_id < 0 OR NEW.actor_id < 0)
        AND (NEW.member_id < 0 OR NEW.member_id = OLD.member_id)
        AND (NEW.actor_id < 0 OR NEW.actor_id = OLD.actor_id) AND NEW.guild_id = OLD.guild_id
        AND NEW.at = OLD.at AND NEW.reason IN (OLD.reason, '')
    )) EXECUTE FUNCTION refuse_ledger_change();
