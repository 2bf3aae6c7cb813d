"""What one console has yet to be sent of the live events."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from intake_api.change_feed import Event

KEEP_ALIVE_SECONDS = 15.0
"Proxies close streams that are silent for 30 to 60 seconds."
LONGEST_BACKLOG = 1000
"Events a console may be behind before its stream is ended; it comes back with `Last-Event-ID` and reads the table."
KEEP_ALIVE = b": still here\n\n"


class Follower:
    """A console's buffer: every change, and of words that may still change only the latest of each call."""

    def __init__(self, call_id: str | None, position: int) -> None:
        self.call_id = call_id
        self.position = position
        "Changes up to this one are read from the table, later ones arrive here."
        self._events: deque[bytes] = deque()
        self._partials: dict[str, bytes] = {}
        self._news = asyncio.Event()
        self._ended = False

    def wants(self, call_id: str | None) -> bool:
        """Whether an event of that call is for this console."""
        return self.call_id in (None, call_id)

    def put(self, event: Event) -> None:
        """Queue a change; ends the stream when the console is too far behind."""
        if not self.wants(event.call_id):
            return
        if len(self._events) >= LONGEST_BACKLOG:
            self.end()
            return
        if event.kind == "utterance" and event.call_id:
            self._partials.pop(event.call_id, None)  # these words are final now
        self._events.append(event.frame)
        self._news.set()

    def put_partial(self, call_id: str, frame: bytes) -> None:
        """Keep the latest words of a call."""
        if self.wants(call_id):
            self._partials[call_id] = frame
            self._news.set()

    def end(self) -> None:
        """Let the stream end."""
        self._ended = True
        self._news.set()

    async def chunks(self, keep_alive_seconds: float = KEEP_ALIVE_SECONDS) -> AsyncIterator[bytes]:
        """Yield what has arrived, all at once, and a comment when nothing has for a while; ends with the stream."""
        while not self._ended:
            try:
                await asyncio.wait_for(self._news.wait(), keep_alive_seconds)
            except TimeoutError:
                yield KEEP_ALIVE
                continue
            self._news.clear()
            chunk = b"".join([*self._events, *self._partials.values()])
            self._events.clear()
            self._partials.clear()
            if chunk:
                yield chunk
