"""Our side of RTCP: a report every five seconds, and what the peer's reports say about the line."""

from __future__ import annotations

import secrets
from typing import Final

from telephony.media.reception import Reception
from telephony.media.rtcp import (
    CNAME,
    Goodbye,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    parse_compound,
)
from telephony.media.sending import Sender

INTERVAL_SECONDS: Final = 5.0
"RFC 3550 section 6.2: the least, and what phones do."
UNIX_TO_NTP: Final = 2_208_988_800


class Reporter:
    """Makes and reads the compound packets of one call."""

    def __init__(self, now: float) -> None:
        self.round_trip: float | None = None
        "Seconds, once the peer has answered a report of ours, RFC 3550 section 6.4.1."
        self.far_loss: float | None = None
        "The share of our packets that the peer says it has not got, of all that we had sent by then."
        self._due = now + INTERVAL_SECONDS
        self._peer_report: tuple[int, int, float] | None = None
        # RFC 7022 section 4.2: a random name, which tells nobody who we are.
        self._name = secrets.token_hex(12).encode()

    def receive(self, data: bytes, arrival: float, wall: float, sender: Sender) -> None:
        """Read a compound packet; raises `ValueError` when it is malformed."""
        for packet in parse_compound(data):
            if isinstance(packet, SenderReport):
                self._peer_report = packet.ssrc, packet.ntp_time >> 16 & 0xFFFFFFFF, arrival
            self._read_blocks(packet, wall, sender)

    def _read_blocks(self, packet: RtcpPacket, wall: float, sender: Sender) -> None:
        if not isinstance(packet, SenderReport | ReceiverReport):
            return
        for block in packet.reports:
            if block.ssrc != sender.ssrc:
                continue
            self.far_loss = min(1.0, max(0, block.packets_lost) / max(1, sender.packets))
            if block.last_report:
                ticks = (_ntp_time(wall) >> 16) - block.last_report - block.delay & 0xFFFFFFFF
                if ticks < 10 << 16:  # more than ten seconds is a peer that counts differently
                    self.round_trip = ticks / 65536

    def is_due(self, now: float) -> bool:
        """Whether it is time for a report."""
        return now >= self._due

    def report(self, now: float, wall: float, sender: Sender, reception: Reception | None) -> bytes:
        """Return the next report."""
        self._due = now + INTERVAL_SECONDS
        return self._compound(now, wall, sender, reception)

    def goodbye(self, now: float, wall: float, sender: Sender, reception: Reception | None) -> bytes:
        """Return the last compound packet, RFC 3550 section 6.3.7."""
        return self._compound(now, wall, sender, reception) + bytes(Goodbye((sender.ssrc,)))

    def _compound(self, now: float, wall: float, sender: Sender, reception: Reception | None) -> bytes:
        blocks = (self._block(now, reception),) if reception else ()
        report: RtcpPacket
        if sender.packets:
            counts = sender.timestamp, sender.packets & 0xFFFFFFFF, sender.octets & 0xFFFFFFFF
            report = SenderReport(sender.ssrc, _ntp_time(wall), *counts, blocks)
        else:
            report = ReceiverReport(sender.ssrc, blocks)
        return bytes(report) + bytes(SourceDescription(((sender.ssrc, ((CNAME, self._name),)),)))

    def _block(self, now: float, reception: Reception) -> ReportBlock:
        last, delay = 0, 0
        if self._peer_report and self._peer_report[0] == reception.ssrc:
            _, last, arrival = self._peer_report
            delay = min(int((now - arrival) * 65536), 0xFFFFFFFF)
        highest = reception.highest - 0x10000 & 0xFFFFFFFF
        jitter = min(int(reception.jitter_ticks), 0xFFFFFFFF)
        fraction = reception.fraction_lost()
        return ReportBlock(reception.ssrc, fraction, reception.lost, highest, jitter, last, delay)


def _ntp_time(wall: float) -> int:
    return int((wall + UNIX_TO_NTP) * (1 << 32))
