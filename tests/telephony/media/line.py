"""A line in virtual time: a caller's packets, what a bad network makes of them, and a receiver at the end."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from telephony.media.codecs import SUPPORTED
from telephony.media.g711 import ALaw, Pcm
from telephony.media.receiving import Receiver
from telephony.media.recording import Recording
from telephony.media.rtp import RtpPacket
from telephony.media.telephone_event import press
from tests.telephony.media.conftest import ListSink

CALLER = ("192.0.2.1", 4000)
EVENT = 101


@dataclass
class Caller:
    """Sends packets at the pace of 20 ms; `sent` holds (second, packet)."""

    ssrc: int = 0x1234
    sequence_number: int = 65500
    timestamp: int = 0xFFFFF000
    now: float = 0.0
    sent: list[tuple[float, RtpPacket]] = field(default_factory=list)

    def _send(self, payload_type: int, payload: bytes, timestamp: int, marker: bool = False) -> None:
        packet = RtpPacket(payload_type, self.sequence_number, timestamp & 0xFFFFFFFF, self.ssrc, payload, marker)
        self.sent.append((self.now, packet))
        self.sequence_number = (self.sequence_number + 1) & 0xFFFF

    def _pass_packet_time(self) -> None:
        self.now += 0.02
        self.timestamp += 160

    def say(self, samples: Pcm) -> None:
        payload = ALaw().encode(samples)
        for start in range(0, len(payload), 160):
            self._send(8, payload[start : start + 160], self.timestamp)
            self._pass_packet_time()

    def pause(self, seconds: float) -> None:
        for _ in range(round(seconds * 50)):
            self._pass_packet_time()

    def press(self, digit: str, seconds: float = 0.1) -> None:
        start = self.timestamp
        for number, event in enumerate(press(digit, 160, int(seconds * 8000))):
            self._send(EVENT, bytes(event), start, marker=number == 0)
            self._pass_packet_time()


def impair(
    sent: Iterable[tuple[float, RtpPacket]], seed: int, *, loss: float = 0.0, jitter: float = 0.0, twice: float = 0.0
) -> list[tuple[float, RtpPacket]]:
    """Return (arrival, packet) in the order of arrival."""
    chance = random.Random(seed)
    arriving = []
    for at, packet in sent:
        for _ in range(1 + (chance.random() < twice)):
            if chance.random() >= loss:
                arriving.append((at + 0.01 + chance.uniform(0, jitter), packet))
    return sorted(arriving, key=lambda one: one[0])


class Callee:
    """A receiver whose clock is moved by the packets that arrive."""

    def __init__(self, event_payload_type: int | None = EVENT) -> None:
        self.sink = ListSink()
        self.recording = Recording(self.sink, 8000, 0.0)
        self.digits: list[str] = []
        self.positions: list[float] = []
        self.receiver = Receiver(self.recording, 8000, self._press)
        self.receiver.configure(CALLER, replace(SUPPORTED["PCMA"]), event_payload_type)
        self.now = 0.0
        self._ticked = 0.0

    def _press(self, digit: str, position: float, method: str) -> None:
        self.digits.append(digit)
        self.positions.append(position)

    def hear(self, arriving: Iterable[tuple[float, RtpPacket | bytes]], source: tuple[str, int] = CALLER) -> None:
        for at, packet in arriving:
            self.wait_until(at)
            self.receiver.receive(bytes(packet), source, at)

    def wait_until(self, now: float) -> None:
        """Let the clock run, with a turn every 80 ms as the media loop gives it."""
        while self._ticked + 0.08 <= now:
            self._ticked += 0.08
            self.receiver.pass_time(self._ticked)
            self.recording.write()
        self.now = now

    def hang_up(self, now: float) -> Pcm:
        self.wait_until(now)
        self.receiver.close(now)
        return self.sink.samples
