"""Messages out of a stream."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.message import LARGEST_MESSAGE
from telephony.sip.stream import MessageStream
from tests.telephony.sip.harness import invite, request

MESSAGES = [bytes(invite()), bytes(request("OPTIONS")), bytes(request("BYE", call_id="2"))]


@given(st.lists(st.integers(1, 200), max_size=30), st.lists(st.sampled_from([b"", b"\r\n", b"\r\n\r\n"]), min_size=3))
def test_messages_are_whole_however_the_octets_come(cuts: list[int], between: list[bytes]) -> None:
    octets = b"".join(gap + message for gap, message in zip(between, MESSAGES, strict=False))
    stream, found, position = MessageStream(), [], 0
    for cut in [*cuts, len(octets)]:
        found += stream.feed(octets[position : position + cut])
        position += cut
    assert found == MESSAGES[: len(between)]
    assert not stream.unfinished
    assert not stream.broken


def test_compact_and_folded_length() -> None:
    stream = MessageStream()
    octets = b"OPTIONS sip:a SIP/2.0\r\nl :\r\n  5\r\n\r\n12345OPTIONS"
    assert stream.feed(octets) == [octets[:-7]]
    assert stream.unfinished


def test_without_length_there_is_no_body() -> None:
    octets = b"OPTIONS sip:a SIP/2.0\r\nv: x\r\n\r\n"
    assert MessageStream().feed(octets * 2) == [octets, octets]


def test_double_crlf_is_a_ping() -> None:
    stream = MessageStream()
    assert stream.feed(b"\r\n\r\n") == []
    assert stream.take_pings() == 1
    assert stream.take_pings() == 0


def test_endless_headers_break_the_stream_within_bounds() -> None:
    stream = MessageStream()
    for _ in range(LARGEST_MESSAGE // 1000 + 2):
        stream.feed(b"a" * 1000)
    assert stream.broken
    assert stream.feed(b"\r\n\r\n" + MESSAGES[1]) == []


def test_two_different_lengths_break_the_stream() -> None:
    stream = MessageStream()
    assert len(stream.feed(b"OPTIONS sip:a SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n1")) == 1
    assert stream.broken


@given(st.binary(max_size=400))
def test_any_octets_pass(octets: bytes) -> None:
    stream = MessageStream()
    assert b"".join(stream.feed(octets)) in octets or stream.pings
