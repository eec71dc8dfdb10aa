"""Who goes first when many wait, as values; `storage.admission.CLAIM_JOB` decides, in one statement.

The rule, in this order:

1. The higher priority goes first. Waiting raises it by one for every `AGEING`, so that nobody waits for ever;
   what counts is the time for which nothing of the member was worked on, so that many requests of one member
   do not age all at once.
2. Among equals, whoever has had the least lately: each picture that was begun within `LATELY` counts, fully
   when it has just begun and linearly less from then on.
3. The older request.

So a member with two hundred waiting requests delays the first one of another by the jobs that are at work
already, and by none that begins later.
"""

from __future__ import annotations

LATELY = 15 * 60_000  # milliseconds
AGEING = 60_000  # milliseconds of waiting that count as one step of priority
MINUTE = 60_000
