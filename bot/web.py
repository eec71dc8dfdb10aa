"""A small web server for whoever watches the process (/healthz, /readyz, /metrics), and what it is given."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from aiohttp import web

log = logging.getLogger(__name__)

Checks = Callable[[], Awaitable[dict[str, bool]]]
Metrics = Callable[[], Awaitable[bytes]]
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"  # Prometheus' text format


def make_web(checks: Checks, metrics: Metrics, routes: Iterable[web.RouteDef] = ()) -> web.Application:
    """Return the application. `/readyz` is 200 when everything in `checks()` holds, and else 503.

    `routes` are what else it answers.
    """

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def readyz(_: web.Request) -> web.Response:
        states = await checks()
        return web.json_response(states, status=200 if all(states.values()) else 503)

    async def exposed(_: web.Request) -> web.Response:
        return web.Response(body=await metrics(), headers={"Content-Type": METRICS_TYPE})

    application = web.Application()
    application.router.add_get("/healthz", healthz)
    application.router.add_get("/readyz", readyz)
    application.router.add_routes(routes)
    application.router.add_get("/metrics", exposed)
    return application


@asynccontextmanager
async def serving(
    checks: Checks, metrics: Metrics, host: str, port: int, routes: Iterable[web.RouteDef] = ()
) -> AsyncIterator[None]:
    """Serve while the block runs; port 0 serves nothing.

    A port that is taken is an error in the log, no reason to leave members without the bot.
    """
    if port == 0:
        yield
        return
    runner = web.AppRunner(make_web(checks, metrics, routes), access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
            log.info("health checks and metrics on http://%s:%d", host, port)
        except OSError as error:
            log.error("no health checks: %s. Set server.port to a free port, or to 0 for none.", error)
        yield
    finally:
        await runner.cleanup()
