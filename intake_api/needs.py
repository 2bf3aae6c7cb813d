"""What routes need, made once for each application and found by `Depends`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from config.city import load_city
from config.settings import Settings
from delivery.case_store import CaseStore
from delivery.opening import drafting_of
from intake.blob_store import BlobStore
from intake.decisions import others_needed
from intake.field_values import Lists, lists_of
from intake.redrafting import Drafting
from intake_api.live import LiveFeed
from intake_api.security.passwords import Passwords
from intake_api.security.rights import Actor, Right
from live_bus.bus import LiveBus
from models.database import Database

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Service:
    """What one application works with (`app.state.service`)."""

    settings: Settings
    database: Database
    bus: LiveBus
    cases: CaseStore
    clock: Clock
    passwords: Passwords
    feed: LiveFeed
    recordings: BlobStore

    @cached_property
    def drafting(self) -> Drafting:
        """How corrected words become a draft again; the city's data are read at the first use."""
        return drafting_of(self.settings)

    @cached_property
    def lists(self) -> Lists:
        """The city's names that a person's value is checked against."""
        return lists_of(load_city(self.settings.city))

    def others_needed(self, actor: Actor) -> Mapping[str, int]:
        """For each not-accept code, how many others must agree before this person may confirm it."""
        return others_needed(load_city(self.settings.city), supervises=actor.may(Right.SUPERVISE))

    @property
    def lease(self) -> timedelta:
        """How long a claimed draft stays claimed without a sign of life."""
        return timedelta(seconds=self.settings.web.lease_seconds)

    @property
    def cookies_are_secure(self) -> bool:
        """Whether browsers reach us by https, directly or through a proxy."""
        return (self.settings.web.public_url or "").startswith("https://")


def service_of(request: Request) -> Service:
    """Return the application's parts."""
    service: Service = request.app.state.service
    return service


ServiceNeeded = Annotated[Service, Depends(service_of)]


def database_of(service: ServiceNeeded) -> Database:
    """The database that verbs open their transactions in."""
    return service.database


DatabaseNeeded = Annotated[Database, Depends(database_of)]


def reading_session(database: DatabaseNeeded) -> Iterator[Session]:
    """A session that reads, for one request."""
    with database.reading() as session:
        yield session


Reading = Annotated[Session, Depends(reading_session)]


def time_now(service: ServiceNeeded) -> datetime:
    """The time of the request, UTC."""
    return service.clock()


Now = Annotated[datetime, Depends(time_now)]
