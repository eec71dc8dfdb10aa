"""What must not go yet: SQL that the kinds share."""

from __future__ import annotations

# An image that moderators have to decide about.
IN_OPEN_CASE = "EXISTS (SELECT 1 FROM cases WHERE cases.image_id = images.id AND cases.state = 'open')"
# An image that is evidence of a case which is open, or was decided not long ago.
IN_KEPT_CASE = """
EXISTS (
    SELECT 1 FROM cases
    WHERE cases.image_id = images.id AND (cases.state = 'open' OR cases.updated_at >= :cases)
)
"""
# Somebody posts its answer just now, and will write down where: then it can be taken away.
BEING_DELIVERED = """
EXISTS (SELECT 1 FROM deliveries WHERE deliveries.job_id = jobs.id AND deliveries.state = 'pending')
"""
COUNT_OPEN_CASES = "SELECT COUNT(*) AS number FROM cases WHERE member_id = :member_id AND state = 'open'"
COUNT_OPEN_REPORTS = """
SELECT COUNT(*) AS number FROM reports JOIN cases ON cases.id = reports.case_id
WHERE reports.reporter_id = :member_id AND cases.state = 'open'
"""

BAN_HOLDS = "lifted_at IS NULL AND (ends_at IS NULL OR ends_at > :now)"
STRIKE_COUNTS = "pardoned_at IS NULL AND expires_at > :now"
COUNT_SANCTIONS = f"""
SELECT (SELECT COUNT(*) FROM bans WHERE member_id = :member_id AND {BAN_HOLDS})
    + (SELECT COUNT(*) FROM strikes WHERE member_id = :member_id AND {STRIKE_COUNTS}) AS number
"""
