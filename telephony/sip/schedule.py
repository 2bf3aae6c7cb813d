"""Deadlines in order: what the protocol's timers are made of, on whichever clock the caller keeps."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count


class Timer:
    """A deadline that can be cancelled."""

    __slots__ = ("action", "when")

    def __init__(self, when: float, action: Callable[[float], None]) -> None:
        self.when = when
        self.action: Callable[[float], None] | None = action

    def cancel(self) -> None:
        """Forget the action; the place in the heap is given back when its time comes."""
        self.action = None


class Schedule:
    """A heap of timers. `now` is always an argument: a socket loop passes its clock, a test passes a number."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = count()
        self._cancelled_at_most = 1024

    def at(self, when: float, action: Callable[[float], None]) -> Timer:
        """Call `action(now)` once `when` has come."""
        timer = Timer(when, action)
        heapq.heappush(self._heap, (when, next(self._order), timer))
        if len(self._heap) > self._cancelled_at_most:
            self._sweep()
        return timer

    def run(self, now: float) -> None:
        """Call everything that is due."""
        while self._heap and self._heap[0][0] <= now:
            timer = heapq.heappop(self._heap)[2]
            if timer.action is not None:
                action, timer.action = timer.action, None
                action(now)

    def next(self) -> float | None:
        """Return when `run` is due next."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def _sweep(self) -> None:
        # Cancelled 32 s timers of a busy hour would otherwise outnumber the live ones many times.
        self._heap = [entry for entry in self._heap if entry[2].action is not None]
        heapq.heapify(self._heap)
        self._cancelled_at_most = max(1024, 2 * len(self._heap))
