"""Passwords: argon2id, a few at a time, and the same time for a name that does not exist."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST_PASSWORD = 8
"NIST SP 800-63B section 5.1.1.2: at least 8 characters, no rules of composition."
LONGEST_PASSWORD = 256
"Longer ones only cost time."
WAITING = 8
"Sign-ins that may wait for their turn; each holds one of the 40 threads that also serve everybody else."


class TooManySignIns(Exception):
    """More people sign in at this moment than can be checked: try again in a few seconds."""


class PasswordUnfit(ValueError):
    """The password is too short, too long or the name itself."""


class Passwords:
    """Hashes and verifies with argon2id (RFC 9106); 64 MiB and about 0.1 s each, at most `at_once` at the same time."""

    def __init__(self, at_once: int | None = None, waiting: int = WAITING) -> None:
        at_once = at_once or max(1, (os.cpu_count() or 2) // 2)
        self._hasher = PasswordHash((Argon2Hasher(),))
        self._turn = BoundedSemaphore(at_once)
        self._seats = BoundedSemaphore(at_once + waiting)

    def hash(self, password: str) -> str:
        """Return the hash to keep; raises `TooManySignIns`."""
        with self._my_turn():
            return self._hasher.hash(password)

    def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is right; takes as long when there is no such person (None). Raises
        `TooManySignIns`."""
        with self._my_turn():
            right = self._hasher.verify(password[:LONGEST_PASSWORD], password_hash or self._nobody)
        return right and password_hash is not None

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody")

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self._seats.acquire(blocking=False):
            raise TooManySignIns
        try:
            with self._turn:
                yield
        finally:
            self._seats.release()


def check_fit(password: str, name: str) -> None:
    """Refuse a password that is too short, too long or the person's name; raises `PasswordUnfit` with a sentence."""
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordUnfit(f"A password has at least {SHORTEST_PASSWORD} characters.")
    if len(password) > LONGEST_PASSWORD:
        raise PasswordUnfit(f"A password has at most {LONGEST_PASSWORD} characters.")
    if password.casefold() == name.casefold():
        raise PasswordUnfit("A password is not the name.")
