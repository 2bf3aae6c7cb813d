"""What RTP tells about a stream: extended sequence numbers, loss and jitter, RFC 3550 appendix A."""

from __future__ import annotations

from typing import Final, Literal

MAX_DROPOUT: Final = 3000
"RFC 3550 appendix A.1: a jump of more than a minute is a restart, not loss."
MAX_MISORDER: Final = 100
WINDOW: Final = 128
"Packets behind the newest in which a second copy is told from a late first one; more than MAX_MISORDER."
_WINDOW_MASK: Final = (1 << WINDOW) - 1

Verdict = Literal["new", "duplicate", "suspect", "restarted"]


class Reception:
    """Counts one synchronisation source; times are seconds of one clock."""

    def __init__(self, ssrc: int, sequence_number: int, clock_rate: int) -> None:
        self.ssrc = ssrc
        self.clock_rate = clock_rate
        self.received = 0
        self.duplicates = 0
        self.jitter_ticks = 0.0
        self._lost_before = 0
        self._transit: float | None = None
        self._restart(sequence_number)
        self._report_expected = 0
        self._report_received = 0

    def _restart(self, sequence_number: int) -> None:
        self.highest = sequence_number + 0x10000  # so that packets from before the first have a number too
        self._base = self.highest
        self._received_since = 0
        self._seen = 0
        self._suspect: int | None = None

    def count(self, sequence_number: int) -> tuple[Verdict, int]:
        """Return what the packet is and its extended sequence number."""
        ahead = (sequence_number - self.highest) & 0xFFFF
        if ahead < MAX_DROPOUT:
            extended = self.highest + ahead
            self._seen = (self._seen << ahead | 1) & _WINDOW_MASK if ahead else self._seen
            if ahead == 0:
                return self._count_again(extended, 0)
            self.highest = extended
            return self._count_new(extended)
        behind = 0x10000 - ahead
        if behind <= MAX_MISORDER:
            return self._count_again(self.highest - behind, behind)
        return self._count_jump(sequence_number)

    def follow(self, extended: int) -> None:
        """Count the packet that comes next after the highest."""
        self._seen = (self._seen << 1 | 1) & _WINDOW_MASK
        self.highest = extended
        self._suspect = None
        self.received += 1
        self._received_since += 1

    def _count_new(self, extended: int) -> tuple[Verdict, int]:
        self._suspect = None
        self.received += 1
        self._received_since += 1
        return "new", extended

    def _count_again(self, extended: int, behind: int) -> tuple[Verdict, int]:
        if self._seen >> behind & 1:
            self.duplicates += 1
            return "duplicate", extended
        self._seen |= 1 << behind
        self._base = min(self._base, extended)
        return self._count_new(extended)

    def _count_jump(self, sequence_number: int) -> tuple[Verdict, int]:
        """Two packets in a row far from the rest are a sender that started again; one alone is a stranger."""
        if self._suspect != sequence_number:
            self._suspect = (sequence_number + 1) & 0xFFFF
            return "suspect", 0
        self._lost_before += max(0, self.highest - self._base + 1 - self._received_since)
        self._restart(sequence_number)
        self._seen = 1
        self._count_new(self.highest)
        return "restarted", self.highest

    def measure(self, timestamp: int, arrival: float) -> None:
        """Update the interarrival jitter, RFC 3550 section 6.4.1."""
        transit = arrival * self.clock_rate - timestamp
        if self._transit is not None:
            difference = abs(transit - self._transit)
            if difference < self.clock_rate:  # a second: a jump of the timestamp, not of the network
                self.jitter_ticks += (difference - self.jitter_ticks) / 16
        self._transit = transit

    @property
    def expected(self) -> int:
        """Packets that were sent since the last restart, as far as their numbers tell."""
        return self.highest - self._base + 1

    @property
    def lost(self) -> int:
        """Packets that never came, RFC 3550 appendix A.3; never negative because duplicates are not counted."""
        return self._lost_before + max(0, self.expected - self._received_since)

    @property
    def jitter(self) -> float:
        """Interarrival jitter in seconds."""
        return self.jitter_ticks / self.clock_rate

    def fraction_lost(self) -> int:
        """Return the loss since the last call in 256ths, RFC 3550 appendix A.3."""
        expected = self.received + self.lost
        expected_now, received_now = expected - self._report_expected, self.received - self._report_received
        self._report_expected, self._report_received = expected, self.received
        lost_now = expected_now - received_now
        return min(255, (lost_now << 8) // expected_now) if expected_now > 0 and lost_now > 0 else 0
