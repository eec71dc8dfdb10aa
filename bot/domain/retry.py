"""Whether and when a provider call is tried again: a decision of its own, made from values alone."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import CallLost, NoImage, ProviderError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long temporary failures are tried again.

    `budget` (seconds): no new try begins later than this after the first one began, so that a person waits
    for final words no longer than the budget plus one failing call.
    """

    budget: float = 30.0
    base: float = 1.0
    longest: float = 15.0
    no_image_tries: int = 2  # an answer without an image is asked for once more, not oftener
    lost_tries: int = 2  # nor is a call that was lost: nobody knows whether it was paid for

    def wait_before_next(
        self, error: ProviderError, *, tries: int, elapsed: float, jitter: float
    ) -> float | None:
        """Return the seconds to wait before the next try, or None to give up.

        `tries` were made so far (at least 1; of those that ended with such an error, where it is NoImage or
        CallLost), `elapsed` seconds since the first began; `jitter` is random
        in [0, 1). What the provider asks for (`retry_after`) is the least that is waited; where that is
        beyond the budget there is no point in waiting at all.
        """
        if isinstance(error, NoImage):
            return 0.0 if tries < self.no_image_tries else None
        if not error.transient or (isinstance(error, CallLost) and tries >= self.lost_tries):
            return None
        backoff = min(self.longest, self.base * 2 ** (tries - 1)) * (0.5 + jitter / 2)
        # A little later than the provider says, so that not everybody who waits comes back at once; and its
        # "at once" is no reason to ask twenty times in a row.
        wait = backoff if error.retry_after is None else max(error.retry_after + backoff * 0.1, backoff)
        return wait if elapsed + wait <= self.budget else None
