"""Waiting for what happens in other processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(what: Callable[[], T], seconds: float = 15.0, every: float = 0.05) -> T:
    """Return the first true answer; fails the test, naming the last one, when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = what()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"nothing after {seconds} s, last answer {answer!r}")
        time.sleep(every)
