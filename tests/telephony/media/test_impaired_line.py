"""What is heard over bad lines, in virtual time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.media.codecs import SUPPORTED
from telephony.media.g711 import ALaw, Pcm
from tests.telephony.media.conftest import tone
from tests.telephony.media.line import CALLER, Callee, Caller, impair

BAD_LINE = {"loss": 0.03, "jitter": 0.06, "twice": 0.02}


def speech_like(seconds: float, seed: int = 1) -> Pcm:
    """Noise whose loudness moves, so that every moment is unlike any other."""
    noise = np.random.default_rng(seed).normal(0, 3000, int(seconds * 8000))
    loudness = 0.3 + 0.7 * np.abs(np.sin(np.arange(len(noise)) / 2000))
    return np.asarray(noise * loudness, np.int16)


def through_codec(samples: Pcm) -> Pcm:
    return ALaw().decode(ALaw().encode(samples))


@pytest.mark.parametrize("seed", range(20))
def test_every_key_and_the_length_survive_a_bad_line(seed: int) -> None:
    caller, digits = Caller(), "1123#*0995ABCD7"
    for digit in digits:
        caller.say(speech_like(0.4, seed))
        caller.press(digit)
        caller.say(speech_like(0.1, seed))
    callee = Callee()
    callee.hear(impair(caller.sent, seed, **BAD_LINE))
    heard = callee.hang_up(caller.now)
    assert "".join(callee.digits) == digits
    assert len(heard) / 8000 == pytest.approx(caller.now, abs=0.1)
    assert callee.positions == pytest.approx([0.4 + 0.64 * n + 0.02 * (n > 0) for n in range(15)], abs=0.4)


@pytest.mark.parametrize("seed", range(10))
def test_what_arrives_is_recorded_where_it_was_said(seed: int) -> None:
    caller = Caller()
    said = speech_like(10.0, seed)
    caller.say(said)
    callee = Callee()
    arriving = impair(caller.sent, seed, **BAD_LINE)
    callee.hear(arriving)
    heard = callee.hang_up(10.0).astype(int)
    numbers = {(packet.sequence_number - 65500) % 65536 for _, packet in arriving}
    lost = max(numbers) - min(numbers) + 1 - len(numbers)
    assert callee.receiver.lost == lost
    assert callee.receiver.late == 0
    assert callee.recording.concealed == pytest.approx(lost * 160, abs=1000)
    wanted = through_codec(said).astype(int)
    offset = int(np.argmax(np.correlate(heard.astype(float), wanted[800:8000].astype(float), "valid"))) - 800
    assert 0 <= offset / 8000 <= 0.1
    frames = [
        np.array_equal(heard[start + offset : start + offset + 160], wanted[start : start + 160])
        for start in range(0, 79200 - offset, 160)
    ]
    assert frames.count(False) <= lost + 1


def test_jitter_alone_loses_nothing() -> None:
    caller = Caller()
    said = speech_like(20.0)
    caller.say(said)
    callee = Callee()
    callee.hear(impair(caller.sent, 7, jitter=0.06))
    heard = callee.hang_up(20.2)
    first = int(np.flatnonzero(heard)[0])
    assert np.array_equal(heard[first : first + 150_000], through_codec(said)[:150_000])
    assert callee.recording.concealed == 0
    assert callee.receiver.reception is not None
    assert 0.005 < callee.receiver.reception.jitter < 0.04


def test_pauses_without_packets_keep_their_length() -> None:
    caller = Caller()
    for seconds in (0.3, 2.0, 7.0):
        caller.say(tone(1.0))
        caller.pause(seconds)
    callee = Callee()
    callee.hear(impair(caller.sent, 1))
    callee.wait_until(caller.now)
    assert len(callee.sink.samples) / 8000 == pytest.approx(caller.now - 0.4, abs=0.1), "filled while nothing came"
    heard = np.abs(callee.hang_up(caller.now))
    assert len(heard) / 8000 == pytest.approx(caller.now, abs=0.02)
    loud = [heard[int(at * 8000) : int((at + 0.9) * 8000)].mean() for at in (0.05, 1.35, 4.35)]
    quiet = [heard[int(at * 8000) : int((at + 0.2) * 8000)].max() for at in (1.06, 2.4, 3.9, 5.4, 10.0)]
    assert min(loud) > 4000
    assert max(quiet) <= 8


def test_a_stall_of_the_network_loses_nothing() -> None:
    caller = Caller()
    said = speech_like(3.0)
    caller.say(said)
    stalled = [(max(at, 1.35) if at > 1.0 else at, packet) for at, packet in caller.sent]
    callee = Callee()
    callee.hear(stalled)
    heard = callee.hang_up(3.0)
    assert np.array_equal(heard, through_codec(said))


def test_a_timestamp_jump_writes_no_more_than_real_time() -> None:
    caller = Caller()
    caller.say(tone(1.0))
    caller.timestamp += 0x7000_0000
    caller.say(tone(1.0))
    caller.timestamp -= 0x7000_0000
    caller.say(tone(1.0))
    callee = Callee()
    callee.hear(impair(caller.sent, 1))
    heard = callee.hang_up(caller.now)
    assert len(heard) / 8000 == pytest.approx(3.0, abs=0.1)
    assert np.abs(heard[:24000]).reshape(-1, 800).mean(axis=1).min() > 1000, "speech goes on after each jump"


def test_a_clock_that_stood_still_on_hold_is_placed_anew() -> None:
    caller = Caller()
    caller.say(tone(1.0))
    caller.now += 5.0
    caller.say(tone(2.0))
    callee = Callee()
    callee.hear(impair(caller.sent, 1))
    heard = np.abs(callee.hang_up(caller.now))
    assert len(heard) / 8000 == pytest.approx(8.0, abs=0.1)
    assert heard[int(6.2 * 8000) : int(7.9 * 8000)].mean() > 4000


@pytest.mark.parametrize("speed", [0.999, 1.0001, 1.001])
def test_a_crystal_that_is_off_slips_nothing(speed: float) -> None:
    caller = Caller()
    said = speech_like(60.0)
    caller.say(said)
    callee = Callee()
    callee.hear((at * speed, packet) for at, packet in caller.sent)
    heard = callee.hang_up(60.0 * speed)
    assert np.array_equal(heard[: len(said)], through_codec(said)[: len(heard)])


def test_another_source_is_heard_after_the_first_falls_silent() -> None:
    first, second = Caller(), Caller(ssrc=0x9999, sequence_number=17, timestamp=5)
    first.say(tone(1.0))
    second.pause(1.0)
    second.say(tone(1.0, hertz=1000))
    callee = Callee()
    callee.hear(sorted(first.sent + second.sent, key=lambda one: one[0]))
    heard = callee.hang_up(2.0)
    assert len(heard) / 8000 == pytest.approx(2.0, abs=0.05)
    assert callee.receiver.foreign <= 6
    assert callee.receiver.received == 50 + 50 - callee.receiver.foreign
    assert np.abs(heard[9600:15200]).mean() > 4000


def test_what_is_under_way_in_the_former_codec_is_heard() -> None:
    """RFC 3264 section 8.3.1: after a re-INVITE both are heard, until the first packet of the new one."""
    caller, callee = Caller(), Callee()
    caller.say(tone(1.0))
    arriving = [(at + 0.05, packet) for at, packet in caller.sent]
    callee.hear(arriving[:20])
    callee.receiver.configure(CALLER, SUPPORTED["PCMU"], 101)
    callee.hear(arriving[20:40])
    moved = [(at, replace(packet, payload_type=0)) for at, packet in arriving[40:]]
    callee.hear(moved)
    callee.hear([(1.1, replace(caller.sent[-1][1], sequence_number=caller.sequence_number))])
    assert callee.receiver.received == 50
    assert callee.receiver.malformed == 1, "the former one is over"
    heard = callee.hang_up(1.2)
    begin = int(np.flatnonzero(heard)[0])
    assert np.array_equal(heard[begin : begin + 6400], through_codec(tone(1.0))[:6400])


def test_a_stranger_is_not_heard() -> None:
    caller, stranger = Caller(), Caller(ssrc=0x9999)
    caller.say(tone(1.0))
    stranger.say(speech_like(1.0))
    alone, attacked = Callee(), Callee()
    alone.hear(caller.sent)
    for at, packet in caller.sent:
        attacked.hear([(at, packet)])
        attacked.hear([(at, stranger.sent[int(at * 50)][1])], ("198.51.100.7", 999))
        attacked.hear([(at, stranger.sent[int(at * 50)][1])])
    assert np.array_equal(alone.hang_up(1.0), attacked.hang_up(1.0))
    assert attacked.receiver.foreign == 100


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 0.3),
            st.one_of(
                st.binary(max_size=60),
                st.builds(
                    lambda seq, ts, size, pt, ssrc: (
                        bytes([0x80, pt])
                        + seq.to_bytes(2, "big")
                        + ts.to_bytes(4, "big")
                        + bytes([0, 0, 0, ssrc])
                        + bytes(size)
                    ),
                    st.integers(0, 65535),
                    st.integers(0, 0xFFFFFFFF),
                    st.integers(0, 2100),
                    st.sampled_from([8, 8, 8, 101, 13, 0, 200]),
                    st.integers(0, 2),
                ),
            ),
        ),
        max_size=60,
    )
)
def test_whatever_arrives_the_recording_is_as_long_as_the_call(arrivals: list[tuple[float, bytes]]) -> None:
    callee, now = Callee(), 0.0
    for wait, data in arrivals:
        now += wait
        callee.hear([(now, data)])
        callee.recording.write()
        assert len(callee.sink.data) <= 2 * 8000 * (now + 0.5 + 0.26)
    assert len(callee.hang_up(now)) >= int(now * 8000)


def test_a_flood_from_the_caller_itself_is_bounded() -> None:
    caller = Caller()
    caller.say(tone(60.0))
    callee = Callee()
    callee.hear((at / 50, packet) for at, packet in caller.sent)
    heard = callee.hang_up(60.0 / 50)
    assert len(heard) / 8000 <= 1.2 + 0.6


def test_an_hour_slips_nothing() -> None:
    """A beat each second, by a crystal 20 ppm fast, over a line that loses, delays and doubles."""
    fast, seconds = 1.00002, 3600
    beat = ALaw().encode(np.concatenate((tone(0.1), np.zeros(7200, np.int16))))
    callee, caller = Callee(), Caller()
    for _ in range(seconds):
        for start in range(0, 8000, 160):
            caller._send(8, beat[start : start + 160], caller.timestamp)
            caller._pass_packet_time()
    callee.hear(impair(((at / fast, packet) for at, packet in caller.sent), 7, loss=0.01, jitter=0.04, twice=0.01))
    heard = callee.hang_up(seconds / fast)
    assert len(heard) / 8000 == pytest.approx(seconds / fast, abs=0.1)
    loud = np.abs(heard[: len(heard) // 80 * 80].astype(np.int32)).reshape(-1, 80).mean(axis=1) > 1500
    begins = np.flatnonzero(loud[1:] & ~loud[:-1]) / 100
    place = begins % 1.0  # of the beats within their second; a lost packet may shorten one, none moves
    usual = np.median(place)
    assert np.mean(np.abs(place - usual) < 0.03) > 0.98
    assert abs(np.median(place[:300]) - np.median(place[-300:])) <= 0.01
    assert callee.receiver.late < 20
