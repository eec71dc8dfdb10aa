-- Admission goes from the members who wait to their jobs. By member alone it would read all that somebody ever had.
DROP INDEX jobs_by_state;
CREATE INDEX jobs_by_state ON jobs (state, member_id, created_at, id);
