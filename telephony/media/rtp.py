"""RTP packets, RFC 3550 section 5."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final, Self

HEADER_LENGTH: Final = 12
VERSION: Final = 2
LARGEST_PACKET: Final = 2048
"250 ms of G.711; peers send 10 to 60 ms, and an Ethernet frame holds 1472 bytes. Larger ones are refused unread."
_HEADER = struct.Struct("!BBHII")
_EXTENSION = struct.Struct("!HH")
PLAIN: Final = 0x80
"The first byte of nearly all packets: version 2, no padding, extension or contributing source."
read_header = _HEADER.unpack_from
"Returns the first two bytes, sequence number, timestamp and SSRC."


@dataclass(slots=True)
class RtpPacket:
    """One RTP packet, RFC 3550 section 5.1."""

    payload_type: int
    "0 to 127."
    sequence_number: int
    timestamp: int
    ssrc: int
    payload: bytes = b""
    marker: bool = False
    csrc: tuple[int, ...] = ()
    "At most 15 contributing sources."
    extension: tuple[int, bytes] | None = None
    "The profile's identifier and whole 32-bit words, RFC 3550 section 5.3.1."
    padding: int = field(default=0, compare=False)
    "Bytes of padding behind the payload, the count itself included."

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Return the packet; raises `ValueError` when `data` is not one."""
        if len(data) < HEADER_LENGTH:
            raise ValueError("RTP packet is shorter than 12 bytes")
        if len(data) > LARGEST_PACKET:
            raise ValueError("RTP packet is longer than 2048 bytes")
        first, second, sequence_number, timestamp, ssrc = _HEADER.unpack_from(data)
        if first >> 6 != VERSION:
            raise ValueError("RTP version is not 2")
        packet = cls(second & 0x7F, sequence_number, timestamp, ssrc, marker=second > 0x7F)
        if first == 0x80:  # nothing but a payload, as nearly all packets are
            packet.payload = data[HEADER_LENGTH:]
        else:
            packet._read_options(data, first)
        return packet

    def _read_options(self, data: bytes, first: int) -> None:
        start, end = HEADER_LENGTH + 4 * (first & 0x0F), len(data)
        if start > end:
            raise ValueError("RTP packet is shorter than its contributing sources")
        self.csrc = struct.unpack_from(f"!{first & 0x0F}I", data, HEADER_LENGTH)
        if first & 0x10:
            start = self._read_extension(data, start)
        if first & 0x20:
            self.padding = data[-1]
            if not 0 < self.padding <= end - start:
                raise ValueError("RTP padding is longer than the packet")
            end -= self.padding
        self.payload = data[start:end]

    def _read_extension(self, data: bytes, start: int) -> int:
        if start + _EXTENSION.size > len(data):
            raise ValueError("RTP header extension is cut short")
        profile, words = _EXTENSION.unpack_from(data, start)
        start += _EXTENSION.size
        if start + 4 * words > len(data):
            raise ValueError("RTP header extension is cut short")
        self.extension = profile, data[start : start + 4 * words]
        return start + 4 * int(words)

    def __bytes__(self) -> bytes:
        """The packet as it goes over the wire."""
        first = VERSION << 6 | bool(self.padding) << 5 | (self.extension is not None) << 4 | len(self.csrc)
        second = self.marker << 7 | self.payload_type
        data = _HEADER.pack(first, second, self.sequence_number, self.timestamp, self.ssrc)
        if self.csrc:
            data += struct.pack(f"!{len(self.csrc)}I", *self.csrc)
        if self.extension is not None:
            profile, words = self.extension
            data += _EXTENSION.pack(profile, len(words) // 4) + words
        return data + self.payload + self._padding_bytes()

    def _padding_bytes(self) -> bytes:
        return bytes(self.padding - 1) + bytes([self.padding]) if self.padding else b""


def plain_header(payload_type: int, marker: bool, sequence_number: int, timestamp: int, ssrc: int) -> bytes:
    """Return the 12 bytes before a payload when a packet has no options: nearly all that we send."""
    return _HEADER.pack(0x80, marker << 7 | payload_type, sequence_number, timestamp, ssrc)


def is_rtcp(data: bytes) -> bool:
    """Whether a datagram on a shared port is RTCP, RFC 5761 section 4."""
    return len(data) >= 8 and 192 <= data[1] <= 223


def signed32(difference: int) -> int:
    """Return a difference of two 32-bit timestamps as the nearer way round the circle."""
    difference &= 0xFFFFFFFF
    return difference - 0x100000000 if difference & 0x80000000 else difference
