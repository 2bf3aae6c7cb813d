"""Puts packets back into order without a clock: a packet that is next goes straight through."""

from __future__ import annotations

from typing import Final

from telephony.media.rtp import RtpPacket, signed32

WAIT_MS: Final = 120
"How long a hole is kept open: twice the 60 ms of jitter that the engine must bear without loss."
BEGIN_MS: Final = 60
"How long a stream's first packets are held: the one that arrives first need not be the one that was sent first."
ANY: Final = -1
"The number that is next before the first packets: the lowest of those that come."
MOST_HELD: Final = 16
"320 ms of 20 ms packets; key presses share one timestamp, so packets are counted too."


class JitterBuffer:
    """Holds packets behind a hole until it is filled, or until `WAIT_MS` of newer audio has come."""

    def __init__(self, clock_rate: int) -> None:
        self._wait_ticks = clock_rate * WAIT_MS // 1000
        self._begin_ticks = clock_rate * BEGIN_MS // 1000
        self._next = ANY
        self._held: dict[int, tuple[RtpPacket, float]] = {}

    def passes(self, extended: int) -> bool:
        """Whether the packet is the next one and nothing is held: it needs no buffer."""
        if extended != self._next or self._held:
            return False
        self._next += 1
        return True

    def is_late(self, extended: int) -> bool:
        """Whether the packet's place has been given up."""
        return extended < self._next

    def push(self, extended: int, packet: RtpPacket, arrival: float) -> list[tuple[int, RtpPacket, float]]:
        """Return the packets that are due now, in order, each with its number and time of arrival.

        The packet is not late.
        """
        self._held[extended] = packet, arrival
        due = [] if self._next == ANY else self._take_row()
        while self._is_overdue():
            due += self._skip_hole()
        return due

    def expire(self, now: float) -> list[tuple[int, RtpPacket, float]]:
        """Return what has been held for too long because nothing came behind it."""
        due: list[tuple[int, RtpPacket, float]] = []
        while self._held and now - min(arrival for _, arrival in self._held.values()) > WAIT_MS / 1000:
            due += self._skip_hole()
        return due

    def flush(self) -> list[tuple[int, RtpPacket, float]]:
        """Return everything that is held, in order."""
        due: list[tuple[int, RtpPacket, float]] = []
        while self._held:
            due += self._skip_hole()
        return due

    def restart(self) -> None:
        """Take the next packet as the first; `flush` before."""
        self._next = ANY

    def _is_overdue(self) -> bool:
        if not self._held:
            return False
        oldest, newest = self._held[min(self._held)][0], self._held[max(self._held)][0]
        wait = self._begin_ticks if self._next == ANY else self._wait_ticks
        return len(self._held) > MOST_HELD or signed32(newest.timestamp - oldest.timestamp) >= wait

    def _skip_hole(self) -> list[tuple[int, RtpPacket, float]]:
        self._next = min(self._held)
        return self._take_row()

    def _take_row(self) -> list[tuple[int, RtpPacket, float]]:
        row = []
        while (held := self._held.pop(self._next, None)) is not None:
            row.append((self._next, *held))
            self._next += 1
        return row
