"""The guard against guessing passwords: counted by person and place, so that a stranger locks out nobody but himself.

A wrong password is counted for the pair of name and source address, for the source, and for the name. A browser in
which the person has signed in before (`KnownBrowser`) is counted by itself and is stopped by none of the other three:
whoever guesses from elsewhere, or from behind the same proxy, delays new browsers only. An attempt during a lock is
refused unseen and not counted, so every lock ends.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from models.tables import SignInCounter

PAIR_LIMIT = 5
"People mistype; programs guess more often than this."
SOURCE_LIMIT = 50
"A call centre of 100 seats behind one address mistypes less than this in an hour."
NAME_LIMIT = 100
"Guessers at 20 addresses and more at once reach this."
FORGOTTEN_AFTER = timedelta(hours=1)
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(minutes=15)
PRUNED_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Watched:
    """A counter's key and how many failures it bears."""

    key: str
    limit: int


class Locked(Exception):
    """Too many wrong passwords: the next attempt is looked at after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"locked for {seconds} s")
        self.seconds = seconds


def watched(name: str, source: str, known_browser: str | None) -> Sequence[Watched]:
    """Return the counters that an attempt falls under; `known_browser` is the hash of its cookie."""
    name = name.casefold()
    if known_browser is not None:
        return [Watched(_key("browser", known_browser), PAIR_LIMIT)]
    place = network_of(source)
    return [
        Watched(_key("pair", name, place), PAIR_LIMIT),
        Watched(_key("source", place), SOURCE_LIMIT),
        Watched(_key("name", name), NAME_LIMIT),
    ]


def count_attempt(db: Session, counters: Sequence[Watched], now: datetime) -> None:
    """Count an attempt as failed before the password is looked at, so that many at once gain nothing.

    Belongs in a transaction of its own; raises `Locked`, and then nothing is counted."""
    rows = [_locked_row(db, counter.key, now) for counter in counters]
    until = max((row.locked_until for row in rows if row.locked_until is not None), default=now)
    if until > now:
        raise Locked(int((until - now).total_seconds()) + 1)
    for counter, row in zip(counters, rows, strict=True):
        row.failures = 1 if now - row.since > FORGOTTEN_AFTER else row.failures + 1
        row.since = now
        row.locked_until = now + lock_time(row.failures - counter.limit)
        db.add(row)
    db.execute(delete(SignInCounter).where(col(SignInCounter.since) < now - PRUNED_AFTER))


def forgive(db: Session, counters: Sequence[Watched], now: datetime) -> None:
    """Take back the attempt that proved right: the first counter starts anew, the shared ones lose one."""
    for place, counter in enumerate(counters):
        row = _locked_row(db, counter.key, now)
        row.failures = 0 if place == 0 else max(0, row.failures - 1)
        row.locked_until = None if row.failures < counter.limit else row.locked_until
        db.add(row)


def lock_time(beyond: int) -> timedelta:
    """How long after the failure so many beyond the limit: 1 minute at the limit, doubled each time, at most 15."""
    if beyond < 0:
        return timedelta(0)
    return min(LONGEST_LOCK, FIRST_LOCK * (1 << min(beyond, 10)))


def network_of(source: str) -> str:
    """Return the address, or for IPv6 the /64 that one household has at its disposal."""
    try:
        address = ip_address(source)
    except ValueError:
        return source
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else source


def _key(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _locked_row(db: Session, key: str, now: datetime) -> SignInCounter:
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    db.execute(insert(SignInCounter).values(key=key, failures=0, since=now).on_conflict_do_nothing())
    return db.exec(select(SignInCounter).where(SignInCounter.key == key).with_for_update()).one()
