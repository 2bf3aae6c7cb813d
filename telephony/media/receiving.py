"""What the caller sends: datagrams in, a recording, key presses and counts out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from telephony.media.codecs import Codec, coder, sample_rate
from telephony.media.jitter_buffer import JitterBuffer
from telephony.media.latch import Latch, SourceAddress
from telephony.media.reception import Reception
from telephony.media.recording import Recording
from telephony.media.resampling import RateConverter
from telephony.media.rtp import HEADER_LENGTH, LARGEST_PACKET, PLAIN, RtpPacket, read_header, signed32
from telephony.media.telephone_event import KeyReceiver

COMFORT_NOISE: Final = 13
"RFC 3389: the caller is silent on purpose; the recording keeps silence."


class Receiver:
    """Takes the packets of one call, whatever its sources and codecs are in turn."""

    def __init__(self, recording: Recording, rate: int, on_key: Callable[[str, float, Literal["rtp"]], None]) -> None:
        self.recording = recording
        self.latch = Latch()
        self.reception: Reception | None = None
        self.foreign = self.malformed = self.late = 0
        self.heard_at: float | None = None
        self._rate = rate
        self._on_key = on_key
        self._past_received = self._past_lost = self._past_duplicates = 0
        self._buffer = JitterBuffer(8000)
        self._keys = KeyReceiver()
        self._next: int | None = None
        self._codec: Codec | None = None
        self._coming: Codec | None = None
        self._audio_type = -1
        self._event_type = -1

    def configure(
        self, remote: SourceAddress, codec: Codec, event_payload_type: int | None, peer_host: str = ""
    ) -> None:
        """Take what signalling says from now on.

        Another codec counts from its first packet on: those of the former one may still be under way (RFC 3264
        section 8.3.1).
        """
        self.latch.signal(remote, peer_host)
        self._event_type = -1 if event_payload_type is None else event_payload_type
        self._coming = None if codec == self._codec else codec
        if self._coming is not None and (self._codec is None or self._codec.payload_type == codec.payload_type):
            self._change_to(self._coming)

    def _change_to(self, codec: Codec) -> None:
        self._deliver(self._buffer.flush())
        self._coming, self._codec, self._audio_type = None, codec, codec.payload_type
        decoder = RateConverter.wrap(coder(codec), sample_rate(codec), self._rate)
        self.recording.decode_with(decoder, self._rate // codec.clock_rate)

    def receive(self, data: bytes, address: SourceAddress, arrival: float) -> None:
        """Take one datagram; anything that is not this call's audio or keys is counted and forgotten."""
        if self._follows(data, address, arrival):
            return
        try:
            packet = RtpPacket.parse(data)
        except ValueError:
            self.malformed += 1
            return
        kind, coming = packet.payload_type, self._coming
        comes = coming is not None and kind == coming.payload_type
        if not comes and kind not in (self._audio_type, self._event_type, COMFORT_NOISE):
            self.malformed += 1
            return
        if not self.latch.admits(address, packet.ssrc, arrival):
            self.foreign += 1
            return
        if comes and coming is not None:
            self._change_to(coming)
        self._accept(packet, arrival)

    def _follows(self, data: bytes, address: SourceAddress, arrival: float) -> bool:
        """Take what nearly every packet is, at half the cost: plain audio from whom we know, the next in order."""
        reception, latch = self.reception, self.latch
        if reception is None or not HEADER_LENGTH <= len(data) <= LARGEST_PACKET:
            return False
        first, second, sequence_number, timestamp, ssrc = read_header(data)
        if first != PLAIN or second & 0x7F != self._audio_type or ssrc != reception.ssrc:
            return False
        number = reception.highest + 1
        known = latch.ssrc == ssrc and latch.address == address
        if not known or number & 0xFFFF != sequence_number or number != self._next or not self._buffer.passes(number):
            return False
        reception.follow(number)
        reception.measure(timestamp, arrival)
        latch.heard = self.heard_at = arrival
        self._next = number + 1
        payload = data[HEADER_LENGTH:]
        if not self.recording.go_on(payload, timestamp, arrival):
            packet = RtpPacket(self._audio_type, sequence_number, timestamp, ssrc, payload)
            if not self.recording.place(packet, arrival, lost=False):
                self.late += 1
        return True

    def _accept(self, packet: RtpPacket, arrival: float) -> None:
        reception = self.reception
        if reception is None or reception.ssrc != packet.ssrc:
            reception = self._begin_stream(packet)
        verdict, number = reception.count(packet.sequence_number)
        if verdict in ("duplicate", "suspect"):
            return
        self.heard_at = arrival
        if verdict == "restarted":
            self._restart_stream()
        if packet.payload_type == self._audio_type:
            reception.measure(packet.timestamp, arrival)
        if self._buffer.passes(number):
            self._deliver_one(number, packet, arrival)
        elif self._buffer.is_late(number):
            self._come_late(packet, arrival)
        else:
            self._deliver(self._buffer.push(number, packet, arrival))

    def _begin_stream(self, packet: RtpPacket) -> Reception:
        if self.reception is not None:
            self._past_received += self.reception.received
            self._past_lost += self.reception.lost
            self._past_duplicates += self.reception.duplicates
        self.reception = Reception(packet.ssrc, packet.sequence_number, 8000)
        self._keys = KeyReceiver()
        self._restart_stream()
        return self.reception

    def _restart_stream(self) -> None:
        self._deliver(self._buffer.flush())
        self._buffer.restart()
        self._next = None
        self.recording.restart_stream()

    def _come_late(self, packet: RtpPacket, arrival: float) -> None:
        """A late packet's audio is lost, but a key whose other packets were lost is still a key."""
        self.late += 1
        if packet.payload_type == self._event_type:
            self._take_key(packet, arrival)

    def _deliver(self, due: list[tuple[int, RtpPacket, float]]) -> None:
        if due and self._next is None:
            due[0] = *due[0][:2], _earliest(due)
        for number, packet, arrival in due:
            self._deliver_one(number, packet, arrival)

    def _deliver_one(self, number: int, packet: RtpPacket, arrival: float) -> None:
        if packet.payload_type == self._audio_type:
            lost = self._next is not None and number != self._next
            if not self.recording.place(packet, arrival, lost=lost):
                self.late += 1
        elif packet.payload_type == self._event_type:
            self._take_key(packet, arrival)
        self._next = number + 1

    def _take_key(self, packet: RtpPacket, arrival: float) -> None:
        try:
            digit = self._keys.receive(packet)
        except ValueError:
            self.malformed += 1
            return
        if digit is not None:
            self._on_key(digit, self.recording.position(packet.timestamp, arrival), "rtp")

    def pass_time(self, now: float) -> None:
        """Give up holes that nothing follows, and fill pauses."""
        self._deliver(self._buffer.expire(now))
        self.recording.pass_time(now)

    def close(self, now: float) -> None:
        """Write everything to the last sample."""
        self._deliver(self._buffer.flush())
        self.recording.close(now)

    @property
    def received(self) -> int:
        """Packets of every stream of the call, each counted once."""
        return self._past_received + (self.reception.received if self.reception else 0)

    @property
    def lost(self) -> int:
        """Packets that never came."""
        return self._past_lost + (self.reception.lost if self.reception else 0)

    @property
    def duplicates(self) -> int:
        """Second copies."""
        return self._past_duplicates + (self.reception.duplicates if self.reception else 0)


def _earliest(due: list[tuple[int, RtpPacket, float]]) -> float:
    """Return when the first packet would have come had it been as fast as the fastest: its place in the recording."""
    first = due[0][1].timestamp
    return min(arrival - signed32(packet.timestamp - first) / 8000 for _, packet, arrival in due)
