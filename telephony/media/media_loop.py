"""One pace for every call: each 20 ms all who are to hear something get a packet, and a third of the calls is read.

Reading at a tick instead of at each packet costs 17 `epoll_wait` a second where an event loop would wake 10 000 times
for 200 calls. Three packets of a call at once are also cheaper than one three times: its state is in the cache.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from telephony.media.turn import Paced, Receive, Turn

logger = logging.getLogger(__name__)

TICK_SECONDS: Final = 0.02
MOST_OWED: Final = 5
"Packets sent at once after a stall: more would overflow a phone's jitter buffer."
TURNS: Final = 3
"A call is read and written every 60 ms, so that what is said is in the file within 100: recognition reads it live."
FEW_CALLS: Final = 20
"So many share one turn before another is begun: waking up costs more than they do."


class MediaLoop:
    """Runs while there are calls; `clock` is `time.monotonic` and `wall` the kernel's clock of arrival times."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self.clock, self.wall = clock, wall
        self.lateness: deque[float] = deque(maxlen=3000)
        "How late each of the last minute's ticks was, in seconds."
        self._turns = [Turn(clock, wall) for _ in range(TURNS)]
        self._next_turn = 0
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def add(self, call: Paced, sockets: Mapping[socket.socket, Receive]) -> None:
        """Pace a call, and show its sockets' datagrams to their receivers, from the next ticks on."""
        sizes = [len(turn.calls) for turn in self._turns]
        fewest = next((index for index, size in enumerate(sizes) if size < FEW_CALLS), sizes.index(min(sizes)))
        self._turns[fewest].add(call, sockets)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._due = loop.time() + TICK_SECONDS
            self._timer = loop.call_at(self._due, self._run)

    def remove(self, call: Paced) -> None:
        """Read what has come for a call, and let it go."""
        for turn in self._turns:
            turn.remove(call)

    def close(self) -> None:
        """Stop for good; calls may still be removed afterwards."""
        if self._timer is not None:
            self._timer.cancel()
        for turn in self._turns:
            turn.close()

    def _run(self) -> None:
        loop = asyncio.get_running_loop()
        late = loop.time() - self._due
        self.lateness.append(late)
        owed = 1 + int(late / TICK_SECONDS)
        self._due += owed * TICK_SECONDS
        self.tick(owed)
        self._timer = loop.call_at(self._due, self._run) if any(turn.calls for turn in self._turns) else None

    def tick(self, owed: int = 1) -> None:
        """Send what is owed to everybody, then give the next turn to its share of the calls."""
        for call in [call for turn in self._turns for call in turn.calls]:
            try:
                if owed > MOST_OWED:
                    call.skip(owed - MOST_OWED)
                for _ in range(min(owed, MOST_OWED)):
                    call.send_due()
            except Exception:  # one call's fault must not silence the others: this is the outermost line of each
                logger.exception("a call's media could not send")
        self._next_turn = (self._next_turn + 1) % TURNS
        if self._turns[self._next_turn].calls:
            self._turns[self._next_turn].run()
