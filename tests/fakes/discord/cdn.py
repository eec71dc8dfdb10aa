"""cdn.discordapp.com and media.discordapp.net: the files of messages, to whoever has the signed address."""

from __future__ import annotations

import time

from aiohttp import web

from .faults import Dropped, Faults
from .rest import Recorded, cut
from .world import World


class Cdn:
    """Serves attachments; an unknown path or a wrong or expired signature is 404, as at Discord."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one download."""
        path = request.path
        record = Recorded(
            request.host,
            request.method,
            path,
            dict(request.query),
            dict(request.headers),
            at=time.monotonic(),
        )
        self._world.requests.append(record)
        self._world.changed.notify()
        try:
            await self._faults.wait_at("before", record)
        except Dropped:
            return cut(request)
        fault = self._faults.match_fault(record)
        if fault is not None:
            record.status = fault.status
            return web.Response(status=fault.status, body=fault.body, headers=dict(fault.headers))
        return self._serve(record)

    def _serve(self, record: Recorded) -> web.Response:
        file = self._world.files.find(record.path, record.query.get("ex", ""), record.query.get("hm", ""))
        if file is None or file.data is None:
            record.status = 404
            return web.Response(status=404, text="This content is no longer available.")
        record.status = 200
        headers = {"Content-Type": file.content_type or "application/octet-stream"}
        return web.Response(body=file.data, headers=headers)
