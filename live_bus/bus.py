"""The seam `LiveBus`: small messages by topic, at most once, never blocking the sender."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

Message = Mapping[str, Any]

Topic = Literal["audio", "facts", "partial", "changes"]
"""
`audio`    calls -> recogniser: `{"call_id", "bytes", "ended"}`, the recording has grown to so many bytes of PCM.
`facts`    calls, recogniser -> deliver: `{"call_id"}`, lines were appended to events.jsonl.
`partial`  recogniser -> web: `{"call_id", "index", "text", "start_time", "end_time"}`, words that may still change.
`changes`  whoever changed rows -> web, deliver: `{}`, look at the `change` table.
"""


class Subscription(Protocol):
    """Messages of one topic since it was opened."""

    def receive(self, timeout: float | None = None) -> Message | None:
        """Return the next message, or None after `timeout` seconds without one."""

    def fileno(self) -> int:
        """A descriptor that is readable when a message waits, for asyncio's `add_reader`."""

    def close(self) -> None:
        """Stop receiving."""


class LiveBus(Protocol):
    """Publishes and subscribes; a message nobody listens to is dropped."""

    def publish(self, topic: Topic, message: Message) -> None:
        """Send at once or drop: a full or absent receiver never delays a call."""

    def subscribe(self, topic: Topic) -> Subscription:
        """Receive what is published from now on."""
