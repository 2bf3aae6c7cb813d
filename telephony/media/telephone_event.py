"""Keys as named events in RTP, RFC 4733: received by timestamp, so that any one packet of a press is enough."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

from telephony.media.rtp import RtpPacket, signed32

DIGITS: Final = "0123456789*#ABCD"
"RFC 4733 section 3.2: event codes 0 to 15; 16 (flash) is no key."
LONGEST_SEGMENT: Final = 0xFFFF
"RFC 4733 section 2.5.1.3: a longer press goes on in a new segment with its own timestamp."
END_COPIES: Final = 3
"RFC 4733 section 2.5.1.4: the last packet of an event is sent three times."
REMEMBERED: Final = 32
"Timestamps of presses whose late copies must not count again; nobody presses 32 keys in a second."
_EVENT = struct.Struct("!BBH")


@dataclass(frozen=True, slots=True)
class TelephoneEvent:
    """The payload of RFC 4733 section 2.3."""

    event: int
    end: bool
    volume: int
    "In -dBm0, 0 to 63."
    duration: int
    "In timestamp units, from the packet's timestamp on."

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Return the event; raises `ValueError` when `data` is too short. What follows 4 bytes is ignored."""
        if len(data) < _EVENT.size:
            raise ValueError("telephone-event payload is shorter than 4 bytes")
        event, flags, duration = _EVENT.unpack_from(data)
        return cls(event, flags > 0x7F, flags & 0x3F, duration)

    def __bytes__(self) -> bytes:
        return _EVENT.pack(self.event, self.end << 7 | self.volume, self.duration)


class KeyReceiver:
    """Tells each press once, however many of its packets come and in whatever order."""

    def __init__(self) -> None:
        self._known: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)
        self._last: tuple[int, TelephoneEvent] | None = None

    def receive(self, packet: RtpPacket) -> str | None:
        """Return the digit when the packet is the first of its press; raises `ValueError` when it is malformed."""
        event = TelephoneEvent.parse(packet.payload)
        if event.event >= len(DIGITS):
            return None
        known = (packet.timestamp, event.event) in self._known
        continues = not known and self._continues(packet.timestamp, event)
        if not known:
            self._known.append((packet.timestamp, event.event))
        self._remember(packet.timestamp, event)
        return None if known or continues else DIGITS[event.event]

    def _continues(self, timestamp: int, event: TelephoneEvent) -> bool:
        """Whether this is the press before, in its next segment or from a peer that moves the timestamp on."""
        if self._last is None:
            return False
        start, last = self._last
        step = signed32(timestamp - start)
        if last.event != event.event or last.end or step <= 0:
            return False
        if step <= LONGEST_SEGMENT and last.duration and step >= 0xF000 and abs(step - last.duration) <= 0x1000:
            return True  # the next segment begins where the last one ended, some of its packets lost
        # Some gateways stamp every packet of a press with its own time, against section 2.5.1.2; the duration grows.
        return step <= 480 and event.duration > last.duration

    def _remember(self, timestamp: int, event: TelephoneEvent) -> None:
        if self._last is not None:
            start, last = self._last
            if signed32(timestamp - start) < 0:
                return
            if timestamp == start and last.end:
                return
        self._last = timestamp, event


def press(digit: str, ptime_ticks: int, ticks: int, volume: int = 10) -> Iterator[TelephoneEvent]:
    """Yield the payloads of one press of `ticks`, one for each packet time; the last is yielded three times."""
    code = DIGITS.index(digit)
    for duration in range(ptime_ticks, ticks, ptime_ticks):
        yield TelephoneEvent(code, end=False, volume=volume, duration=duration)
    for _ in range(END_COPIES):
        yield TelephoneEvent(code, end=True, volume=volume, duration=ticks)
