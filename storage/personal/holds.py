"""What must not go yet: SQL conditions that the kinds share."""

from __future__ import annotations

# An image that moderators have to decide about.
IN_OPEN_CASE = "1 = 0"
# An image that is evidence of a case which is open, or was decided not long ago (:cases, 0: for good).
IN_KEPT_CASE = "1 = 0"
COUNT_OPEN_CASES = "SELECT 0 AS number"
# Bans that hold and strikes that count.
COUNT_SANCTIONS = "SELECT 0 AS number"
