"""Links that prove by themselves that they were given out, to what, to whom and until when.

Nothing is kept about a link: its signature is what shows that it is ours, and its end is part of what is
signed. Whoever has it has what it leads to, as with Discord's own signed links.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Claim:
    """What a link says about itself."""

    image_id: str
    viewer: int  # the member to whom it was given
    until: int  # UTC seconds

    @property
    def _words(self) -> bytes:
        return f"original\n{self.image_id}\n{self.viewer}\n{self.until}".encode()

    def signature(self, key: bytes) -> str:
        """Return what proves the claim, in hex."""
        return hmac.new(key, self._words, sha256).hexdigest()

    def is_signed(self, key: bytes, signature: str) -> bool:
        """Whether a signature is the claim's, in a time that says nothing about where it differs."""
        return hmac.compare_digest(self.signature(key).encode(), signature.encode("utf-8", "replace"))
