"""Live events: one reader of the `change` table and of the bus for all consoles of this process.

What a console must not miss (changed rows) has an id and is sent again after a reconnection (`Last-Event-ID`); words
that may still change have none.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence

from intake_api.change_feed import AT_ONCE, Event, events_after, frame_of, newest_id
from intake_api.follower import Follower
from live_bus.bus import LiveBus, Message, Subscription, Topic
from models.database import DATABASE_AWAY, Database

log = logging.getLogger(__name__)

LOOK_ANYWAY_SECONDS = 1.0
"News of a change may be lost: the table is looked at this often in any case."
ASK_AGAIN_SECONDS = 20.0
"Somebody who is signed out everywhere is cut off within about this time."
MOST_STREAMS = 500
"A city has some 100 seats with a few tabs each; beyond that somebody opens streams in a loop."

Welcome = Callable[[], bool]
"Whether who follows may still do so; asks the database."


class LiveFeed:
    """Follows changes and words in the event loop of the `web` process and gives them to every `Follower`."""

    def __init__(self, database: Database, bus: LiveBus, ask_again_seconds: float = ASK_AGAIN_SECONDS) -> None:
        self._ask_again_seconds = ask_again_seconds
        self._database = database
        self._bus = bus
        self._followers: set[Follower] = set()
        self._news = asyncio.Event()
        self._looking = asyncio.Lock()
        self._position: int | None = None
        self._subscriptions: list[Subscription] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def is_full(self) -> bool:
        """Whether no further stream is served."""
        return len(self._followers) >= MOST_STREAMS

    async def start(self) -> None:
        """Begin to follow."""
        self._hear("changes", lambda _message: self._news.set())
        self._hear("partial", self._give_words)
        self._task = asyncio.create_task(self._follow(), name="live feed")

    async def stop(self) -> None:
        """End every stream and stop following."""
        self.end_streams()
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for subscription in self._subscriptions:
            asyncio.get_running_loop().remove_reader(subscription.fileno())
            subscription.close()

    def end_streams(self) -> None:
        """Let every console's stream end, so that the server can."""
        for follower in self._followers:
            follower.end()

    async def ready(self, last_id: int | None = None) -> None:
        """Get as far as a console that has seen `last_id`, perhaps at another node; raises while the database is
        away."""
        if self._position is None or (last_id or 0) > self._position:
            await self._catch_up()

    async def stream(self, call_id: str | None, last_id: int | None, welcome: Welcome) -> AsyncIterator[bytes]:
        """Yield what the console has missed since `last_id`, then what happens, of one call or of all.

        `welcome` is asked from time to time; the stream of somebody who has been signed out ends.
        """
        follower = Follower(call_id, self._position or 0)
        self._followers.add(follower)
        try:
            yield b": following\n\n"
            async for frames in self._missed(follower, last_id):
                yield frames
            asked = time.monotonic()
            async for chunk in follower.chunks():
                yield chunk
                if time.monotonic() - asked > self._ask_again_seconds:
                    asked = time.monotonic()
                    if not await _is_welcome(welcome):
                        return
        finally:
            self._followers.discard(follower)

    async def _missed(self, follower: Follower, last_id: int | None) -> AsyncIterator[bytes]:
        while last_id is not None and last_id != follower.position:
            batch = await asyncio.to_thread(events_after, self._database, last_id, follower.position)
            if not batch:  # pruned, or ids of another database: the console reads its lists anew
                yield frame_of("reset", {}, follower.position)
                return
            yield b"".join(event.frame for event in batch if follower.wants(event.call_id))
            last_id = batch[-1].id

    def _hear(self, topic: Topic, receive: Callable[[Message], None]) -> None:
        subscription = self._bus.subscribe(topic)
        self._subscriptions.append(subscription)

        def readable() -> None:
            message = subscription.receive(0)
            if message is not None:
                receive(message)

        asyncio.get_running_loop().add_reader(subscription.fileno(), readable)

    def _give_words(self, message: Message) -> None:
        call_id = str(message.get("call_id", ""))
        frame = frame_of("partial", message)
        for follower in self._followers:
            follower.put_partial(call_id, frame)

    async def _follow(self) -> None:
        away = False
        while True:
            self._news.clear()
            try:
                await self._catch_up()
                away = False
            except DATABASE_AWAY:
                if not away:
                    log.warning("the database is away: consoles see changes when it is back")
                away = True
            except Exception:  # the task's outermost line: consoles must not stand still for one row
                log.exception("a change could not be told to consoles")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_ANYWAY_SECONDS)

    async def _catch_up(self) -> None:
        """Give every follower the changes since the last look; the first look only finds where to begin."""
        async with self._looking:
            if self._position is None:
                self._position = await asyncio.to_thread(newest_id, self._database)
            batch = await self._give_batch(self._position)
            while batch and len(batch) == AT_ONCE:
                batch = await self._give_batch(batch[-1].id)
            if batch is None:  # this process slept for longer than changes are kept
                self._position = None
                self.end_streams()

    async def _give_batch(self, after: int) -> Sequence[Event] | None:
        batch = await asyncio.to_thread(events_after, self._database, after)
        for event in batch or ():
            self._position = event.id
            for follower in self._followers:
                follower.put(event)
        return batch


async def _is_welcome(welcome: Welcome) -> bool:
    try:
        return await asyncio.to_thread(welcome)
    except DATABASE_AWAY:
        return True
