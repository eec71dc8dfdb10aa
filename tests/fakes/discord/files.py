"""Files as the CDN keeps them: under a signed address, with the bytes if they were kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from . import sniff
from .values import Attachment

LIFE_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class CdnFile:
    """What the CDN answers under one path, to whoever has the signature."""

    data: bytes | None
    content_type: str | None
    signature: str


class Files:
    """Every attachment that was ever uploaded."""

    def __init__(self, new_id: Callable[[], int]) -> None:
        self._new_id = new_id
        self._by_path: dict[str, CdnFile] = {}

    def attach(
        self,
        *,
        channel_id: int,
        filename: str,
        size: int,
        digest: str,
        head: bytes,
        kept: bytes | None,
        content_type: str | None = None,
        ephemeral: bool = False,
    ) -> Attachment:
        """Keep a file under /attachments/{channel}/{attachment}/{name}?ex&is&hm.

        `size` is what Discord claims, `head` the first bytes, from which type and pixels are found.
        """
        attachment_id = self._new_id()
        kind = "ephemeral-attachments" if ephemeral else "attachments"
        path = f"/{kind}/{channel_id}/{attachment_id}/{filename}"
        issued = int(time.time())
        signature = digest[:32] + f"{attachment_id:032x}"
        query = f"?ex={issued + LIFE_SECONDS:x}&is={issued:x}&hm={signature}&"
        found = content_type or sniff.content_type(filename, head)
        self._by_path[path] = CdnFile(kept, found, signature)
        width, height = sniff.pixels(head)
        return Attachment(
            id=attachment_id,
            filename=filename,
            content_type=found,
            size=size,
            digest=digest,
            url=f"https://cdn.discordapp.com{path}{query}",
            proxy_url=f"https://media.discordapp.net{path}{query}",
            width=width,
            height=height,
            ephemeral=ephemeral,
            kept=kept,
        )

    def find(self, path: str, expires: str, signature: str) -> CdnFile | None:
        """The file at a signed address; None for a wrong path or signature, or an address out of date."""
        file = self._by_path.get(path)
        if file is None or file.signature != signature or int(expires or "0", 16) < time.time():
            return None
        return file
