"""The application: every route of the service, and what every request passes through."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI

from config.settings import Settings
from delivery.case_store import CaseStore
from delivery.opening import open_case_store, open_recordings
from intake_api import docs_page, health, metrics
from intake_api.api import (
    audio,
    audit,
    calls,
    cases,
    decisions,
    drafts,
    events,
    me,
    numbers,
    operators,
    sip,
    tickets,
    tokens,
)
from intake_api.body_limit import BodyLimit
from intake_api.errors import install_error_answers
from intake_api.live import LiveFeed
from intake_api.needs import Service
from intake_api.openapi import DESCRIPTION, describe
from intake_api.request_log import RequestLog
from intake_api.response_headers import ResponseHeaders
from intake_api.security.passwords import Passwords
from live_bus.bus import LiveBus
from models.database import open_database

API = "/api/v1"


def utc_now() -> datetime:
    """The clock on the wall."""
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    *,
    bus: LiveBus | None = None,
    cases_kept_in: CaseStore | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> FastAPI:
    """Return the application over a migrated database; the default seams are those of one machine."""
    service = open_service(settings, bus or _local_bus(settings), cases_kept_in or open_case_store(settings), clock)
    app = FastAPI(
        title="12345 voice intake",
        version="1",
        description=DESCRIPTION,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        strict_content_type=True,
    )
    app.state.service = service
    parts = (calls, audio, sip, numbers, drafts, decisions, tickets, cases, operators, tokens, audit, me, events)
    for router in parts:
        app.include_router(router.router, prefix=API)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(docs_page.router)
    describe(app)
    install_error_answers(app)
    _install_console(app)
    app.add_middleware(BodyLimit, largest=settings.web.largest_body_bytes)
    app.add_middleware(ResponseHeaders, https=service.cookies_are_secure)
    app.add_middleware(RequestLog)
    return app


def open_service(settings: Settings, bus: LiveBus, cases_kept_in: CaseStore, clock: Callable[[], datetime]) -> Service:
    """Return what the routes work with; connects to nothing yet."""
    database = open_database(settings.database_url, on_change=lambda: bus.publish("changes", {}))
    return Service(
        settings=settings,
        database=database,
        bus=bus,
        cases=cases_kept_in,
        clock=clock,
        passwords=Passwords(),
        feed=LiveFeed(database, bus),
        recordings=open_recordings(settings),
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    await service.feed.start()
    yield
    await service.feed.stop()
    service.cases.close()
    service.database.dispose()


def _local_bus(settings: Settings) -> LiveBus:
    from live_bus.local_bus import LocalBus

    return LocalBus(settings.runtime_dir)


def _install_console(app: FastAPI) -> None:
    if importlib.util.find_spec("intake_api.console.pages"):
        importlib.import_module("intake_api.console.pages").install(app)
