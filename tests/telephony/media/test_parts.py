"""The small parts: order, counting, whom to listen to, what is put in place of loss, ports, and one pace for all."""

from __future__ import annotations

import asyncio
import random
import socket
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.engine import DigitPressed
from telephony.media.codecs import SUPPORTED
from telephony.media.conceal import conceal
from telephony.media.jitter_buffer import MOST_HELD, JitterBuffer
from telephony.media.keys import KeyMerger
from telephony.media.latch import OTHER_SOURCE_SECONDS, SAME_SOURCE_SECONDS, Latch
from telephony.media.media_loop import MOST_OWED, MediaLoop
from telephony.media.ports import bind_pair
from telephony.media.quality import mean_opinion_score
from telephony.media.reception import Reception
from telephony.media.rtp import RtpPacket
from telephony.media.session import MediaSession
from tests.telephony.media.conftest import ListSink, tone

ONE, OTHER, SIGNALLED = ("192.0.2.1", 1), ("192.0.2.2", 2), ("192.0.2.3", 3)


def packet(number: int) -> RtpPacket:
    return RtpPacket(8, number & 0xFFFF, number * 160 & 0xFFFFFFFF, 1, bytes(160))


# -- order ----------------------------------------------------------------------------------------------------------


def numbers_out(arriving: list[int]) -> list[int]:
    buffer, out = JitterBuffer(8000), []
    for number in arriving:
        if buffer.passes(number):
            out.append(number)
        elif not buffer.is_late(number):
            out += [one for one, _, _ in buffer.push(number, packet(number), 0.0)]
    return out + [one for one, _, _ in buffer.flush()]


@given(st.lists(st.integers(0, 200), unique=True), st.randoms(use_true_random=False))
def test_packets_leave_in_order_and_at_most_once(numbers: list[int], chance: random.Random) -> None:
    chance.shuffle(numbers)
    out = numbers_out(numbers)
    assert out == sorted(set(out))
    assert set(out) <= set(numbers)


@pytest.mark.parametrize("distance", [1, 2, 3])
def test_neighbours_that_overtake_are_put_right(distance: int) -> None:
    chance = random.Random(distance)
    numbers = sorted(range(1000), key=lambda number: number + chance.uniform(0, distance))
    assert numbers_out(numbers) == list(range(1000))


def test_a_hole_is_given_up_after_so_much_audio_or_time() -> None:
    buffer = JitterBuffer(8000)
    for number in range(5):
        buffer.push(number, packet(number), 0.0) if not buffer.passes(number) else None
    out = [number for number in range(6, 20) if buffer.push(number, packet(number), 0.0)]
    assert out[0] == 12, "120 ms behind packet 6"
    waiting = JitterBuffer(8000)
    waiting.push(1, packet(1), 1.0)
    assert waiting.expire(1.1) == []
    assert [number for number, _, _ in waiting.expire(1.2)] == [1]


def test_what_is_held_is_bounded() -> None:
    buffer, same = JitterBuffer(8000), packet(0)
    for number in range(0, 1000, 2):
        buffer.push(number, same, 0.0)
        assert len(buffer._held) <= MOST_HELD + 1


# -- counting -------------------------------------------------------------------------------------------------------


def test_numbers_go_round_and_loss_is_counted() -> None:
    reception = Reception(1, 65530, 8000)
    for number in range(65530, 65530 + 100):
        if number % 10:
            reception.count(number & 0xFFFF)
    assert (reception.received, reception.lost) == (90, 10)
    assert reception.fraction_lost() == 25
    assert reception.fraction_lost() == 0


def test_a_late_packet_is_new_and_a_copy_is_not() -> None:
    reception = Reception(1, 10, 8000)
    verdicts = [reception.count(number)[0] for number in (10, 12, 11, 12, 11, 9, 10)]
    assert verdicts == ["new", "new", "new", "duplicate", "duplicate", "new", "duplicate"]
    assert (reception.received, reception.lost, reception.duplicates) == (4, 0, 3)


def test_a_sender_that_starts_again_is_believed_at_its_second_packet() -> None:
    reception = Reception(1, 10, 8000)
    reception.count(10)
    assert [reception.count(number)[0] for number in (40000, 11, 40001, 40002)] == [
        "suspect",
        "new",
        "suspect",
        "restarted",
    ]
    assert reception.count(40003)[0] == "new"
    assert reception.lost == 0


@given(st.lists(st.integers(0, 0xFFFF)))
def test_counts_are_never_negative(numbers: list[int]) -> None:
    reception = Reception(1, 0, 8000)
    for number in numbers:
        reception.count(number)
        assert reception.lost >= 0
        assert 0 <= reception.fraction_lost() <= 255


def test_a_steady_stream_has_no_jitter_and_a_bad_one_has() -> None:
    steady, bad, chance = Reception(1, 0, 8000), Reception(1, 0, 8000), random.Random(1)
    for number in range(1000):
        steady.measure(number * 160, number * 0.02)
        bad.measure(number * 160, number * 0.02 + chance.uniform(0, 0.06))
    assert steady.jitter < 1e-6
    assert bad.jitter == pytest.approx(0.02, abs=0.005)


@pytest.mark.parametrize(
    ("loss", "jitter", "least", "most"), [(0, 0, 4.3, 4.5), (0.03, 0.02, 3.5, 4.2), (0.3, 0, 1.0, 2.2), (1, 1, 1, 1)]
)
def test_the_score_falls_with_the_line(loss: float, jitter: float, least: float, most: float) -> None:
    assert least <= mean_opinion_score(loss, jitter) <= most


# -- whom to listen to ----------------------------------------------------------------------------------------------


def test_the_first_source_is_kept() -> None:
    latch = Latch()
    latch.signal(SIGNALLED)
    assert latch.admits(ONE, 7, 0.0), "a caller behind NAT comes from where SDP does not say"
    assert not latch.admits(OTHER, 7, 0.1)
    assert not latch.admits(OTHER, 8, 0.1)
    assert not latch.admits(ONE, 8, SAME_SOURCE_SECONDS / 2)
    assert latch.admits(ONE, 7, 0.1)


def test_silence_of_the_old_opens_to_a_new_one() -> None:
    latch = Latch()
    assert latch.admits(ONE, 7, 0.0)
    assert latch.admits(ONE, 8, SAME_SOURCE_SECONDS + 0.01)
    assert not latch.admits(OTHER, 9, 1.0)
    assert latch.admits(OTHER, 9, SAME_SOURCE_SECONDS + OTHER_SOURCE_SECONDS + 0.1)


def test_signalling_comes_before_whoever_was_first() -> None:
    latch = Latch()
    latch.signal(SIGNALLED)
    assert latch.admits(ONE, 7, 0.0)
    assert latch.admits(SIGNALLED, 8, 0.01)
    assert not latch.admits(ONE, 7, 0.02), "and then keeps its place"
    latch.signal(OTHER)
    assert latch.admits(OTHER, 9, 0.03), "a re-INVITE that moves the peer opens it at once"


def test_a_stranger_is_heard_only_until_a_plausible_source_is() -> None:
    latch = Latch()
    latch.signal(SIGNALLED, ONE[0])
    behind_nat, stranger = (ONE[0], 61000), ("198.51.100.99", 4000)
    assert latch.admits(stranger, 7, 0.0), "media may come through another NAT than SIP"
    assert latch.admits(behind_nat, 8, 0.02), "but the host that SIP comes from is believed more"
    assert not latch.admits(stranger, 7, 0.04)
    assert not latch.admits(stranger, 7, 60.0), "however long the caller is silent"
    assert latch.admits((ONE[0], 61001), 8, 60.1), "a NAT that has given the caller another port"


# -- concealment and keys -------------------------------------------------------------------------------------------


def test_a_voice_goes_on_in_its_pitch_and_fades() -> None:
    said = tone(0.3, hertz=150, level=8000)
    filled = conceal(said[:800], 480, 8000).astype(float)
    wanted = said[800:1280].astype(float) * np.linspace(1, 0, 480)
    assert np.abs(filled - wanted).mean() < 700
    assert not conceal(said[:800], 1600, 8000)[480:].any()


@pytest.mark.parametrize("history", [np.zeros(0, np.int16), np.ones(5, np.int16), np.zeros(400, np.int16)])
def test_nothing_is_made_of_nothing(history: np.ndarray) -> None:
    assert not conceal(history, 160, 8000).any()


def test_a_press_told_two_ways_is_one_and_two_presses_are_two() -> None:
    heard: list[DigitPressed] = []
    merger = KeyMerger(heard.append)
    merger.press("5", 1.0, "rtp")
    merger.press("5", 1.1, "info")
    merger.press("5", 1.4, "info")
    merger.press("5", 1.5, "rtp")
    merger.press("5", 4.0, "rtp")
    merger.press("5", 4.2, "rtp")
    assert [digit.position for digit in heard] == [1.0, 1.4, 4.0, 4.2]


# -- sockets and pace -----------------------------------------------------------------------------------------------


def test_ports_come_in_pairs_and_run_out_in_words() -> None:
    first = bind_pair("127.0.0.1", (34001, 34005))
    second = bind_pair("127.0.0.1", (34001, 34005)) if first else first
    ports = sorted(sock.getsockname()[1] for sock in (*first, *second))
    assert ports in ([34002, 34003], [34002, 34003, 34004, 34005])
    with pytest.raises(OSError, match="34001-34005"):
        bind_pair("127.0.0.1", (34001, 34005))
    with pytest.raises(OSError, match="no pair"):
        bind_pair("127.0.0.1", (34001, 34002))
    for sock in (*first, *second):
        sock.close()


def test_ipv6_is_spoken() -> None:
    try:
        rtp, rtcp = bind_pair("::1", (34100, 34198))
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert rtp.family == socket.AF_INET6
    rtp.close()
    rtcp.close()


def test_hostile_datagrams_leave_a_call_as_it_is() -> None:
    async def scenario() -> None:
        loop, sink = MediaLoop(), ListSink()
        session = MediaSession.create(loop, "127.0.0.1", (34200, 34298))
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
        ):
            peer.bind(("127.0.0.1", 0))
            session.configure(peer.getsockname(), SUPPORTED["PCMA"], 101)
            session.start(sink, lambda digit: None, lambda position: None)
            to, odd = ("127.0.0.1", session.local_port), ("127.0.0.1", session.local_port + 1)
            chance = random.Random(4)
            for number in range(600):
                data = chance.randbytes(chance.choice((0, 1, 4, 11, 12, 13, 40, 172, 1400, 3000)))
                stranger.sendto(data, chance.choice((to, odd)))
                if number % 200 == 0:
                    stranger.sendto(bytes(65000), to)
                if number % 20 == 0:
                    good = RtpPacket(8, number // 20, number * 8, 77, b"\x2a" * 160)
                    peer.sendto(bytes(good), to)
                    await asyncio.sleep(0.02)
        session.close()
        loop.close()
        assert session.statistics.packets_received == 30
        assert np.count_nonzero(sink.samples == -32256) == 30 * 160
        assert len(sink.samples) < 8000 * 1.5

    asyncio.run(scenario())


def test_one_call_that_fails_does_not_stop_the_others() -> None:
    class Broken:
        def send_due(self) -> None:
            raise RuntimeError("a fault of this call")

        def skip(self, packets: int) -> None:
            raise RuntimeError("a fault of this call")

        def pass_time(self, now: float, *, caught_up: bool) -> None:
            raise RuntimeError("a fault of this call")

    async def scenario() -> None:
        loop, sink = MediaLoop(), ListSink()
        loop.add(Broken(), {})
        session = MediaSession.create(loop, "127.0.0.1", (34300, 34398))
        session.configure(("127.0.0.1", 9), SUPPORTED["PCMA"], 101)
        session.start(sink, lambda digit: None, lambda position: None)
        assert await session.play(tone(0.1).tobytes(), 8000)
        session.close()
        loop.close()
        assert len(sink.samples) / 8000 == pytest.approx(0.1, abs=0.1)

    asyncio.run(scenario())


def test_a_flood_on_one_call_leaves_the_others_recorded() -> None:
    async def scenario() -> None:
        loop, sinks = MediaLoop(), [ListSink(), ListSink()]
        sessions = [MediaSession.create(loop, "127.0.0.1", (34500, 34598)) for _ in sinks]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            for session, sink in zip(sessions, sinks, strict=True):
                session.configure(peer.getsockname(), SUPPORTED["PCMA"], 101)
                session.start(sink, lambda digit: None, lambda position: None)
            flooded, calm = (("127.0.0.1", session.local_port) for session in sessions)
            began, number = time.monotonic(), 0
            while time.monotonic() - began < 1.0:
                for _ in range(200):
                    peer.sendto(b"\x80\x08" + bytes(170), flooded)
                peer.sendto(bytes(RtpPacket(8, number, number * 160, 5, b"\x2a" * 160)), calm)
                number += 1
                await asyncio.sleep(max(0.0, began + number * 0.02 - time.monotonic()))
            assert len(sinks[1].samples) / 8000 > 0.8, "written while the flood lasted"
            assert sessions[1].statistics.packets_received >= number - 8, "those of one turn are still to be read"
        for session in sessions:
            session.close()
        loop.close()

    asyncio.run(scenario())


def test_a_stall_is_made_up_for_in_part_and_silence_stays_in_time() -> None:
    class Counted:
        sent = skipped = 0

        def send_due(self) -> None:
            self.sent += 1

        def skip(self, packets: int) -> None:
            self.skipped += packets

        def pass_time(self, now: float, *, caught_up: bool) -> None:
            pass

    async def scenario() -> None:
        loop, call = MediaLoop(), Counted()
        loop.add(call, {})
        await asyncio.sleep(0.05)
        before, began = call.sent + call.skipped, time.monotonic()
        time.sleep(0.4)  # noqa: ASYNC251 - the stall itself
        sent = call.sent
        await asyncio.sleep(0.001)
        assert call.sent - sent <= MOST_OWED
        await asyncio.sleep(0.1)
        passed = call.sent + call.skipped - before
        assert passed * 0.02 == pytest.approx(time.monotonic() - began, abs=0.045)
        loop.remove(call)
        loop.close()

    asyncio.run(scenario())


def test_the_pace_stops_when_there_is_no_call() -> None:
    async def scenario() -> None:
        loop = MediaLoop()
        session = MediaSession.create(loop, "127.0.0.1", (34400, 34498))
        session.configure(("127.0.0.1", 9), SUPPORTED["PCMA"], 101)
        session.start(ListSink(), lambda digit: None, lambda position: None)
        await asyncio.sleep(0.1)
        session.close()
        await asyncio.sleep(0.05)
        ticks = len(loop.lateness)
        assert ticks >= 4
        await asyncio.sleep(0.1)
        assert len(loop.lateness) == ticks
        loop.close()

    asyncio.run(scenario())
