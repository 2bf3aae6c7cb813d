"""RTP packets: captured ones, made ones, and whatever else a port may receive."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.media.rtp import LARGEST_PACKET, RtpPacket, is_rtcp, plain_header, signed32

DATA = Path(__file__).parent / "data"

packets = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127),
    sequence_number=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    ssrc=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=400),
    marker=st.booleans(),
    csrc=st.lists(st.integers(0, 0xFFFFFFFF), max_size=15).map(tuple),
    extension=st.none() | st.tuples(st.integers(0, 0xFFFF), st.integers(0, 8).map(lambda words: b"word" * words)),
    padding=st.integers(0, 255),
)


def captured(name: str, kind: str = "rtp") -> list[tuple[float, bytes]]:
    """Packets as a client sent them: `second kind hex` on each line, from the answer on."""
    rows = [line.split() for line in (DATA / f"{name}.packets").read_text().splitlines()]
    return [(float(at), bytes.fromhex(data)) for at, what, data in rows if what == kind]


@given(packets)
def test_what_is_written_is_read(packet: RtpPacket) -> None:
    again = RtpPacket.parse(bytes(packet))
    assert again == packet
    assert again.padding == packet.padding


@given(st.binary(max_size=LARGEST_PACKET + 10))
def test_anything_is_a_packet_or_a_value_error(data: bytes) -> None:
    try:
        packet = RtpPacket.parse(data)
    except ValueError:
        return
    assert len(bytes(packet)) == len(data)


@pytest.mark.parametrize("client", ["baresip", "linphone"])
def test_captured_packets_survive(client: str) -> None:
    for _, data in captured(client):
        if data[0] >> 6 == 2:
            assert bytes(RtpPacket.parse(data)) == data


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "shorter than 12"),
        (b"\x80", "shorter than 12"),
        (bytes(11), "shorter than 12"),
        (bytes(12), "version"),
        (b"\x40" + bytes(20), "version"),
        (b"\xc0" + bytes(20), "version"),
        (b"\x80" + bytes(3000), "longer"),
        (b"\x8f" + bytes(20), "contributing"),
        (b"\x90" + bytes(11), "extension"),
        (b"\x90" + bytes(11) + b"\xbe\xde\xff\xff" + bytes(8), "extension"),
        (b"\xa0" + bytes(11), "padding"),
        (b"\xa0" + bytes(12), "padding"),
        (b"\xa0" + bytes(11) + b"\x00\x03", "padding"),
    ],
)
def test_what_is_broken_is_named(data: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        RtpPacket.parse(data)


def test_the_short_way_to_write_a_header_is_the_same() -> None:
    assert plain_header(101, True, 7, 8, 9) + b"x" == bytes(RtpPacket(101, 7, 8, 9, b"x", marker=True))


def test_rtcp_on_the_same_port_is_told_apart() -> None:
    assert is_rtcp(b"\x80\xc8" + bytes(6))
    assert not is_rtcp(b"\x80\xc8")
    assert not is_rtcp(b"\x80\x08" + bytes(20))
    assert not is_rtcp(b"\x80\xe5" + bytes(20)), "a telephone-event with the marker"


@pytest.mark.parametrize(("difference", "way"), [(5, 5), (-5, -5), (0xFFFFFFFF, -1), (0x80000000, -0x80000000)])
def test_timestamps_go_round(difference: int, way: int) -> None:
    assert signed32(difference) == way
