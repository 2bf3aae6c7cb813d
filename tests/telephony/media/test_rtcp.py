"""RTCP: values, captured packets, and what our reports say."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.media.codecs import SUPPORTED
from telephony.media.ports import bind_pair
from telephony.media.reception import Reception
from telephony.media.reporting import INTERVAL_SECONDS, Reporter
from telephony.media.rtcp import (
    CNAME,
    MOST_PACKETS,
    Goodbye,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    parse_compound,
)
from telephony.media.sending import Sender
from tests.telephony.media.test_rtp import captured
from tests.telephony.media.test_session import Talk

word = st.integers(0, 0xFFFFFFFF)
blocks = st.lists(
    st.builds(ReportBlock, word, st.integers(0, 255), st.integers(-0x800000, 0x7FFFFF), word, word, word, word),
    max_size=5,
).map(tuple)
items = st.lists(st.tuples(st.integers(1, 8), st.binary(max_size=40)), max_size=3).map(tuple)
compounds = st.lists(
    st.builds(SenderReport, word, st.integers(0, (1 << 64) - 1), word, word, word, blocks)
    | st.builds(ReceiverReport, word, blocks)
    | st.builds(SourceDescription, st.lists(st.tuples(word, items), max_size=4).map(tuple))
    | st.builds(Goodbye, st.lists(word, max_size=5).map(tuple)),
    min_size=1,
    max_size=5,
)


@given(compounds)
def test_what_is_written_is_read(compound: list[RtcpPacket]) -> None:
    assert parse_compound(b"".join(map(bytes, compound))) == compound


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda rest: b"\x81\xca\x00\x06" + rest))
def test_anything_is_rtcp_or_a_value_error(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert len(parse_compound(data)) <= MOST_PACKETS


def test_linphones_reports_are_read() -> None:
    compounds = [parse_compound(data) for _, data in captured("linphone", "rtcp") if data[0] >> 6 == 2]
    assert any(isinstance(packet, SenderReport) for compound in compounds for packet in compound)


def test_a_report_tells_loss_jitter_and_who_we_are() -> None:
    reception = Reception(0xABCD, 100, 8000)
    for number in (100, 101, 102, 105, 106, 107, 108, 109):
        reception.count(number)
        reception.measure(number * 160, number * 0.02)
    sender, reporter = Sender(SUPPORTED["PCMA"], 101), Reporter(0.0)
    assert not reporter.is_due(INTERVAL_SECONDS - 0.1)
    assert reporter.is_due(INTERVAL_SECONDS)
    report, names = parse_compound(reporter.report(5.0, 1.8e9, sender, reception))
    assert isinstance(report, ReceiverReport), "nothing has been sent"
    assert report.reports[0] == ReportBlock(0xABCD, 51, 2, 109, 0, 0, 0)
    assert isinstance(names, SourceDescription)
    assert names.chunks[0][1][0][0] == CNAME
    sender.next_packet()
    report, _, farewell = parse_compound(reporter.goodbye(6.0, 1.8e9, sender, reception))
    assert isinstance(report, SenderReport)
    assert (report.packet_count, report.octet_count) == (1, 160)
    assert farewell == Goodbye((sender.ssrc,))


def test_the_round_trip_is_measured() -> None:
    sender, ours, theirs = Sender(SUPPORTED["PCMA"], 101), Reporter(0.0), Reporter(0.0)
    sender.next_packet()
    reception = Reception(sender.ssrc, 1, 8000)
    other = Sender(SUPPORTED["PCMA"], 101)
    theirs.receive(ours.report(5.0, 1000.0, sender, None), 7.0, 1000.1, other)
    ours.receive(theirs.report(9.0, 1002.1, other, reception), 9.2, 1002.2, sender)
    assert ours.round_trip == pytest.approx(0.2, abs=0.001)


def test_the_peer_tells_what_it_has_not_got_of_ours() -> None:
    sender, other = Sender(SUPPORTED["PCMA"], 101), Sender(SUPPORTED["PCMA"], 101)
    ours, theirs, reception = Reporter(0.0), Reporter(0.0), Reception(sender.ssrc, 1, 8000)
    for _ in range(10):
        sender.next_packet()
    for number in (1, 2, 3, 4, 5, 6, 8, 10):
        reception.count(number)
    assert ours.far_loss is None
    ours.receive(theirs.report(5.0, 1000.0, other, reception), 5.0, 1000.0, sender)
    assert ours.far_loss == pytest.approx(0.2)
    stranger = Reception(sender.ssrc ^ 1, 1, 8000)
    ours.receive(theirs.report(10.0, 1005.0, other, stranger), 10.0, 1005.0, sender)
    assert ours.far_loss == pytest.approx(0.2), "a report of another stream is none of ours"


@pytest.mark.parametrize(("rtcp_port", "multiplexed"), [(None, False), ("rtp", True), ("other", False)])
def test_where_reports_go(rtcp_port: str | None, multiplexed: bool) -> None:
    """To the next port, to the same one (RFC 5761), or to the one that SDP names (RFC 3605)."""

    async def scenario() -> None:
        talk = Talk()
        with ExitStack() as stack:
            rtp, rtcp = map(stack.enter_context, bind_pair("127.0.0.1", (31000, 31998)))
            other = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            other.bind(("127.0.0.1", 0))
            ports = {None: None, "rtp": rtp.getsockname()[1], "other": other.getsockname()[1]}
            wanted = {None: rtcp, "rtp": rtp, "other": other}[rtcp_port]
            talk.caller.close()
            talk.callee.configure(rtp.getsockname(), SUPPORTED["PCMA"], 101, "recvonly", rtcp_port=ports[rtcp_port])
            talk.close()
            wanted.setblocking(False)
            packets = parse_compound(wanted.recv(1500))
            assert isinstance(packets[-1], Goodbye)
            assert (wanted is rtp) == multiplexed

    asyncio.run(scenario())


def test_the_last_port_has_no_next_one() -> None:
    async def scenario() -> None:
        talk = Talk()
        talk.callee.configure(("127.0.0.1", 65535), SUPPORTED["PCMA"], 101)
        talk.close()

    asyncio.run(scenario())


def test_a_call_ends_with_a_farewell_on_the_odd_port() -> None:
    async def scenario() -> None:
        talk = Talk()
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rtp,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rtcp,
        ):
            for port in range(31000, 31998, 2):
                try:
                    rtp.bind(("127.0.0.1", port))
                    rtcp.bind(("127.0.0.1", port + 1))
                    break
                except OSError:
                    continue
            rtcp.settimeout(2)
            talk.caller.close()
            talk.callee.configure(rtp.getsockname(), SUPPORTED["PCMA"], 101)
            await asyncio.sleep(0.1)
            talk.close()
            packets = parse_compound(rtcp.recv(1500))
        assert isinstance(packets[-1], Goodbye)

    asyncio.run(scenario())
