"""Thought signatures that can be checked without remembering anything.

A signature is base64 of a version byte, random-looking filler and an HMAC-SHA256 over the model family
and the exact bytes of the part. So the look-alike recognises, also after a restart, whether a part came
back with the signature and the content that it once sent.

What must carry one (Google's documentation on thought signatures, and js-genai#1116): every image part
of a model turn that is no thought. Text may carry one; where it does, it is checked.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from bot.sandbox.gemini.errors import ApiError

_VERSION = b"\x12"
_FILLER = 96  # bytes, so that a signature is as bulky as a short one of Google's
_DIGEST = hashlib.sha256().digest_size


class Signer:
    """Signs the parts that the look-alike sends and checks those that come back."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, family: str, content: bytes) -> str:
        """The base64 signature of one part's content (image bytes, or text as UTF-8)."""
        return base64.b64encode(self._raw(family, content)).decode()

    def check(self, family: str, content: bytes, signature: bytes) -> None:
        """Raise a 400 unless `signature` (no longer base64) is the one that was sent with this content."""
        if len(signature) != len(_VERSION) + _FILLER + _DIGEST or not signature.startswith(_VERSION):
            raise ApiError(400, "Corrupted thought signature.")
        if not hmac.compare_digest(signature, self._raw(family, content)):
            raise ApiError(400, "Thought signature is not valid.")

    def _raw(self, family: str, content: bytes) -> bytes:
        mac = hmac.new(self._key, family.encode() + b"\0" + content, hashlib.sha256).digest()
        return _VERSION + hashlib.shake_256(mac).digest(_FILLER) + mac


def missing(content: int, part: int) -> ApiError:
    """The 400 for an image part of a model turn without its signature (both positions count from 1)."""
    return ApiError(
        400,
        f"Image part is missing a thought_signature in content position {content}, part position {part}. "
        "Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.",
    )
