"""`LiveBus` on one machine: a named pipe for each subscriber, found by listing a folder; no broker to die.

Not Unix datagrams: Linux lets only ten wait at a receiver (net.unix.max_dgram_qlen), which one burst of a busy minute
fills; a pipe holds a megabyte, and a write of up to PIPE_BUF bytes is whole or not at all (pipe(7)).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import secrets
import select
import time
from pathlib import Path

from live_bus.bus import Message, Topic

LARGEST_FRAME = select.PIPE_BUF
LENGTH_BYTES = 2
PIPE_BYTES = 1 << 20
"What Linux grants without privilege: thousands of messages while a subscriber is busy for a moment."
LOOK_AGAIN_SECONDS = 0.25
"How long a publisher trusts its list of subscribers: a new console sees words after at most this long."


class LocalSubscription:
    """One subscriber's pipe; its file is removed when it is closed, or by the first publisher that finds nobody
    behind it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Publishers remove a pipe that nobody reads: it gets its name once we do. Reading and writing, so that the
        # pipe does not end whenever the last publisher closes it.
        unnamed = path.with_name(f".{path.name}")
        os.mkfifo(unnamed, 0o600)
        self._pipe = os.open(unnamed, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        with contextlib.suppress(OSError):  # the default of 64 KiB will do where a megabyte is not granted
            fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        os.rename(unnamed, path)

    def receive(self, timeout: float | None = None) -> Message | None:
        """Return the next message, or None after `timeout` seconds without one (0: what is there now)."""
        if not select.select([self._pipe], [], [], timeout)[0]:
            return None
        try:
            length = int.from_bytes(os.read(self._pipe, LENGTH_BYTES), "big")
            message: Message = json.loads(os.read(self._pipe, length))
        except (BlockingIOError, ValueError):
            return None
        return message

    def fileno(self) -> int:
        """The pipe's descriptor."""
        return self._pipe

    def close(self) -> None:
        """Stop receiving."""
        self._path.unlink(missing_ok=True)
        os.close(self._pipe)


class LocalBus:
    """Publishes to every pipe in `<runtime>/<topic>/`; safe to share between threads."""

    def __init__(self, runtime_dir: Path) -> None:
        self._dir = runtime_dir
        self._receivers: dict[str, tuple[float, list[str]]] = {}

    def publish(self, topic: Topic, message: Message) -> None:
        """Send to each subscriber that has room; one that is gone is forgotten."""
        data = json.dumps(message, ensure_ascii=False).encode()
        frame = len(data).to_bytes(4, "big")[-LENGTH_BYTES:] + data
        if len(frame) > LARGEST_FRAME:
            return  # it might be mixed with another's; news may be lost, facts are not news
        for path in self._paths(topic):
            self._send(topic, path, frame)

    def subscribe(self, topic: Topic) -> LocalSubscription:
        """Make a pipe of our own in the topic's folder."""
        folder = self._dir / topic
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalSubscription(folder / f"{os.getpid()}-{secrets.token_hex(3)}")

    def _send(self, topic: Topic, path: str, frame: bytes) -> None:
        try:
            pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in (errno.ENXIO, errno.ENOENT):
                self._forget(topic, path)
            return
        try:
            os.write(pipe, frame)
        except OSError:
            return  # full, or its reader has just gone
        finally:
            os.close(pipe)

    def _forget(self, topic: Topic, path: str) -> None:
        with contextlib.suppress(OSError):
            os.unlink(path)
        self._receivers.pop(topic, None)

    def _paths(self, topic: Topic) -> list[str]:
        looked_at, paths = self._receivers.get(topic, (0.0, []))
        now = time.monotonic()
        if now - looked_at > LOOK_AGAIN_SECONDS:
            with contextlib.suppress(FileNotFoundError):
                paths = [entry.path for entry in os.scandir(self._dir / topic) if not entry.name.startswith(".")]
            self._receivers[topic] = now, paths
        return paths
