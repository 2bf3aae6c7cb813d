"""`LiveBus` across machines by PostgreSQL's LISTEN and NOTIFY, for those that share its database.

A sender never waits: messages go into a bounded queue that one thread empties, many in one transaction; while the
database is away they are dropped, as news may be. A receiver connects again by itself. PostgreSQL itself drops a
message that is the same as another of its transaction: saying twice that rows have changed is saying it once.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import select
import threading
from collections.abc import Iterator
from typing import Any

import psycopg

from live_bus.bus import Message, Topic

log = logging.getLogger(__name__)

LARGEST_PAYLOAD = 7_900
"NOTIFY takes less than 8000 bytes."
LONGEST_QUEUE = 1_000
"Messages that wait while the database is slow: a second of 130 calls' partial words; older news is worth nothing."
RETRY_SECONDS = 1.0
CONNECT_SECONDS = 3


def channel(topic: str) -> str:
    """Return the name that the topic has in the database."""
    return f"hotline_{topic}"


class PostgresBus:
    """Publishes by NOTIFY; one connection to send, one for each subscription."""

    def __init__(self, url: str) -> None:
        """`url` is libpq's or SQLAlchemy's, `postgresql://...` or `postgresql+psycopg://...`."""
        self._url = url.replace("postgresql+psycopg:", "postgresql:", 1)
        self._outgoing: queue.Queue[tuple[str, str] | None] = queue.Queue(LONGEST_QUEUE)
        self._sender = threading.Thread(target=self._send_all, name="postgres bus", daemon=True)
        self._sender.start()

    def publish(self, topic: Topic, message: Message) -> None:
        """Queue a message; what is too large or too many is dropped."""
        payload = json.dumps(message, ensure_ascii=False)
        if len(payload.encode()) <= LARGEST_PAYLOAD:
            with contextlib.suppress(queue.Full):
                self._outgoing.put_nowait((channel(topic), payload))

    def subscribe(self, topic: Topic) -> PostgresSubscription:
        """Listen from now on; news that comes while the database is away is lost."""
        return PostgresSubscription(self._url, channel(topic))

    def close(self) -> None:
        """Stop sending."""
        self._outgoing.put(None)
        self._sender.join(CONNECT_SECONDS)

    def _send_all(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        while (batch := self._next_batch()) is not None:
            try:
                connection = connection or _connect(self._url)
                connection.cursor().executemany("SELECT pg_notify(%s, %s)", batch)
                connection.commit()
            except psycopg.Error as error:
                log.warning("news between machines is lost while the database is away: %s", type(error).__name__)
                connection = None
        if connection:
            connection.close()

    def _next_batch(self) -> list[tuple[str, str]] | None:
        """Wait for a message and take all others that wait with it; None when there will be no more."""
        batch = [self._outgoing.get()]
        with contextlib.suppress(queue.Empty):
            while batch[-1] is not None:
                batch.append(self._outgoing.get_nowait())
        whole = [message for message in batch if message is not None]
        if len(whole) < len(batch):
            return None
        return whole


class PostgresSubscription:
    """A thread listens and hands messages over a pipe, so that the descriptor stays the same across reconnections."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._channel = name
        self._messages: queue.Queue[Message] = queue.Queue(LONGEST_QUEUE)
        self._readable, self._written = os.pipe()
        os.set_blocking(self._readable, False)
        os.set_blocking(self._written, False)
        self._closed = threading.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, name=f"listen {name}", daemon=True)
        self._thread.start()
        self._listening.wait(CONNECT_SECONDS)

    def receive(self, timeout: float | None = None) -> Message | None:
        """Return the next message, or None after `timeout` seconds without one."""
        if not select.select([self._readable], [], [], timeout)[0]:
            return None
        with contextlib.suppress(BlockingIOError):
            os.read(self._readable, 1)
        try:
            return self._messages.get_nowait()
        except queue.Empty:
            return None

    def fileno(self) -> int:
        """The pipe's descriptor: readable when a message waits."""
        return self._readable

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        self._thread.join(CONNECT_SECONDS)
        os.close(self._readable)
        os.close(self._written)

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                with _connect(self._url, autocommit=True) as connection:
                    connection.execute(f'LISTEN "{self._channel}"'.encode())
                    self._listening.set()
                    self._take(connection)
            except psycopg.Error as error:
                log.warning("news between machines is not heard: %s", type(error).__name__)
                self._closed.wait(RETRY_SECONDS)

    def _take(self, connection: psycopg.Connection[Any]) -> None:
        while not self._closed.is_set():
            for notification in connection.notifies(timeout=0.5):
                for message in _messages(notification.payload):
                    self._hand_over(message)
                if self._closed.is_set():
                    return

    def _hand_over(self, message: Message) -> None:
        """A full queue drops news; the pipe holds one byte a message, and 64 KiB are more than the queue's bound."""
        with contextlib.suppress(queue.Full, BlockingIOError):
            self._messages.put_nowait(message)
            os.write(self._written, b"!")


def _messages(payload: str) -> Iterator[Message]:
    with contextlib.suppress(ValueError):
        message = json.loads(payload)
        if isinstance(message, dict):
            yield message


def _connect(url: str, autocommit: bool = False) -> psycopg.Connection[Any]:
    return psycopg.connect(
        url,
        autocommit=autocommit,
        connect_timeout=CONNECT_SECONDS,
        application_name="hotline news",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
    )
