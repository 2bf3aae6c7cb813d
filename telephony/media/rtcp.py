"""RTCP packets, RFC 3550 section 6: reports, names and farewells."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import ClassVar, Final, Self

MOST_PACKETS: Final = 16
"In one datagram; a compound has two or three."
CNAME: Final = 1
_BLOCK = struct.Struct("!IIIIII")


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """What a receiver tells about one source, RFC 3550 section 6.4.1."""

    ssrc: int
    fraction_lost: int
    "In 256ths, since the last report."
    packets_lost: int
    "Since the beginning; 24 bits, negative when duplicates were counted."
    highest_sequence: int
    jitter: int
    "In timestamp units."
    last_report: int
    "Middle 32 bits of the NTP time of the last sender report; 0 when none came."
    delay: int
    "Since that report came, in 65536ths of a second."

    @classmethod
    def parse(cls, data: bytes, offset: int = 0) -> Self:
        """Return the block at an offset."""
        ssrc, lost, *rest = _BLOCK.unpack_from(data, offset)
        packets_lost = lost & 0xFFFFFF
        return cls(ssrc, lost >> 24, packets_lost - (packets_lost >> 23 << 24), *rest)

    def __bytes__(self) -> bytes:
        packets_lost = max(-0x800000, min(0x7FFFFF, self.packets_lost)) & 0xFFFFFF
        first = self.fraction_lost << 24 | packets_lost
        return _BLOCK.pack(self.ssrc, first, self.highest_sequence, self.jitter, self.last_report, self.delay)


@dataclass(frozen=True, slots=True)
class SenderReport:
    """SR, RFC 3550 section 6.4.1."""

    packet_type: ClassVar[int] = 200
    ssrc: int
    ntp_time: int
    "64 bits: seconds since 1900 and their fraction."
    rtp_time: int
    packet_count: int
    octet_count: int
    reports: tuple[ReportBlock, ...] = ()

    @classmethod
    def parse(cls, count: int, body: bytes) -> Self:
        """Return the report; raises `struct.error` when it is cut short."""
        ssrc, ntp_time, rtp_time, packets, octets = struct.unpack_from("!IQIII", body)
        return cls(ssrc, ntp_time, rtp_time, packets, octets, _blocks(body, 24, count))

    def __bytes__(self) -> bytes:
        values = (self.ssrc, self.ntp_time, self.rtp_time, self.packet_count, self.octet_count)
        return _packet(self.packet_type, len(self.reports), struct.pack("!IQIII", *values) + _joined(self.reports))


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """RR, RFC 3550 section 6.4.2."""

    packet_type: ClassVar[int] = 201
    ssrc: int
    reports: tuple[ReportBlock, ...] = ()

    @classmethod
    def parse(cls, count: int, body: bytes) -> Self:
        """Return the report; raises `struct.error` when it is cut short."""
        (ssrc,) = struct.unpack_from("!I", body)
        return cls(ssrc, _blocks(body, 4, count))

    def __bytes__(self) -> bytes:
        return _packet(self.packet_type, len(self.reports), struct.pack("!I", self.ssrc) + _joined(self.reports))


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """SDES, RFC 3550 section 6.5: for each source its items, `(type, text)`."""

    packet_type: ClassVar[int] = 202
    chunks: tuple[tuple[int, tuple[tuple[int, bytes], ...]], ...] = ()

    @classmethod
    def parse(cls, count: int, body: bytes) -> Self:
        """Return the description; raises `struct.error` or `IndexError` when it is cut short."""
        chunks, offset = [], 0
        for _ in range(count):
            (ssrc,) = struct.unpack_from("!I", body, offset)
            items, offset = _items(body, offset + 4)
            chunks.append((ssrc, items))
        return cls(tuple(chunks))

    def __bytes__(self) -> bytes:
        body = b""
        for ssrc, items in self.chunks:
            text = b"".join(bytes([kind, len(value)]) + value for kind, value in items)
            body += struct.pack("!I", ssrc) + text + bytes(4 - len(text) % 4)
        return _packet(self.packet_type, len(self.chunks), body)


@dataclass(frozen=True, slots=True)
class Goodbye:
    """BYE, RFC 3550 section 6.6."""

    packet_type: ClassVar[int] = 203
    sources: tuple[int, ...] = ()
    reason: bytes = field(default=b"", compare=False)

    @classmethod
    def parse(cls, count: int, body: bytes) -> Self:
        """Return the farewell; raises `struct.error` when it is cut short."""
        sources = struct.unpack_from(f"!{count}I", body)
        rest = body[4 * count :]
        return cls(sources, rest[1 : 1 + rest[0]] if rest else b"")

    def __bytes__(self) -> bytes:
        return _packet(self.packet_type, len(self.sources), struct.pack(f"!{len(self.sources)}I", *self.sources))


RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Goodbye
_KINDS: Final[dict[int, type[RtcpPacket]]] = {
    kind.packet_type: kind for kind in (SenderReport, ReceiverReport, SourceDescription, Goodbye)
}


def parse_compound(data: bytes) -> list[RtcpPacket]:
    """Return the packets of a datagram, those of other kinds left out; raises `ValueError` when it is not RTCP."""
    packets: list[RtcpPacket] = []
    offset = 0
    for _ in range(MOST_PACKETS):
        if len(data) - offset < 4:
            break
        first, kind, words = struct.unpack_from("!BBH", data, offset)
        end = offset + 4 + 4 * words
        if first >> 6 != 2 or end > len(data):
            raise ValueError("RTCP packet is malformed")
        packets += _parse_one(kind, first & 0x1F, data[offset + 4 : end])
        offset = end
    if not offset:
        raise ValueError("RTCP packet is shorter than 4 bytes")
    return packets


def _parse_one(kind: int, count: int, body: bytes) -> list[RtcpPacket]:
    try:
        return [_KINDS[kind].parse(count, body)] if kind in _KINDS else []
    except (struct.error, IndexError) as error:
        raise ValueError("RTCP packet is cut short") from error


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def _blocks(body: bytes, offset: int, count: int) -> tuple[ReportBlock, ...]:
    return tuple(ReportBlock.parse(body, offset + 24 * index) for index in range(count))


def _joined(reports: tuple[ReportBlock, ...]) -> bytes:
    return b"".join(map(bytes, reports))


def _items(body: bytes, offset: int) -> tuple[tuple[tuple[int, bytes], ...], int]:
    items = []
    while body[offset]:
        length = body[offset + 1]
        items.append((body[offset], body[offset + 2 : offset + 2 + length]))
        offset += 2 + length
    return tuple(items), offset // 4 * 4 + 4
