CREATE TRIGGER losses_keep_entries BEFORE DELETE ON losses
BEGIN
    SELECT RAISE(ABORT, 'losses is append-only');
END;

CREATE TRIGGER losses_keep_values BEFORE UPDATE ON losses
BEGIN
    SELECT RAISE(ABORT, 'losses is append-only');
END;

CREATE TRIGGER grants_keep_entries BEFORE DELETE ON grants
BEGIN
    SELECT RAISE(ABORT, 'grants is append-only');
END;

CREATE TRIGGER grants_keep_values BEFORE UPDATE ON grants
BEGIN
    SELECT RAISE(ABORT, 'grants is append-only');
END;

CREATE TRIGGER resets_keep_entries BEFORE DELETE ON resets
BEGIN
    SELECT RAISE(ABORT, 'resets is append-only');
END;

CREATE TRIGGER resets_keep_values BEFORE UPDATE ON resets
BEGIN
    SELECT RAISE(ABORT, 'resets is append-only');
END;
