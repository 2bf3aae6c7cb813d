"""The `web` process: uvicorn over the application, ended by an event rather than by signals."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import threading
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from config.settings import Settings
from delivery.case_store import CaseStore
from intake_api.app import create_app
from intake_api.http_protocol import DeadlineProtocol
from intake_api.needs import Service
from live_bus.bus import LiveBus

GRACE_SECONDS = 2
"Requests in progress take milliseconds; a recording that is being downloaded does not hold the service up."
KEEP_ALIVE_SECONDS = 10
MOST_CONNECTIONS = 1500
"Three times the live streams; beyond that requests are answered 503 rather than files run out."
OPEN_FILES = 4096
"1024, the usual limit, is less than those connections need."


def run(
    settings: Settings,
    stop: threading.Event,
    *,
    bus: LiveBus | None = None,
    cases_kept_in: CaseStore | None = None,
) -> None:
    """Serve the console and the API until `stop` is set; raises `OSError` when the address cannot be had."""
    _allow_open_files()
    app = create_app(settings, bus=bus, cases_kept_in=cases_kept_in)
    asyncio.run(_serve(app, settings, stop))


async def _serve(app: FastAPI, settings: Settings, stop: threading.Event) -> None:
    server = _Server(_config(app, settings))
    service: Service = app.state.service
    loop = asyncio.get_running_loop()

    def end() -> None:
        server.should_exit = True
        service.feed.end_streams()

    def wait() -> None:
        stop.wait()
        with contextlib.suppress(RuntimeError):  # the loop is closed: the server ended by itself
            loop.call_soon_threadsafe(end)

    threading.Thread(target=wait, name="web stop", daemon=True).start()
    with _listening(settings) as sockets:
        await server.serve(sockets=sockets)


def _allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < OPEN_FILES:
        wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Server(uvicorn.Server):
    """uvicorn without signal handlers: the process has its own, which set `stop`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


def _config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=DeadlineProtocol,
        limit_concurrency=MOST_CONNECTIONS,
        log_config=None,
        access_log=False,  # it would log queries; `request_log` does not
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        proxy_headers=bool(settings.web.trusted_proxies),
        forwarded_allow_ips=list(settings.web.trusted_proxies),
        ws="none",
    )


@contextlib.contextmanager
def _listening(settings: Settings) -> Iterator[list[socket.socket]]:
    """Bind here rather than in uvicorn, which would end the process with a bare exit status."""
    bind = settings.web.bind
    family = socket.AF_INET6 if ":" in bind.host else socket.AF_INET
    listener = socket.create_server((bind.host, bind.port), family=family, backlog=512)
    try:
        yield [listener]
    finally:
        listener.close()
