"""Two sessions on one loop, over real sockets."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from telephony.engine import DigitPressed
from telephony.media.codecs import SUPPORTED
from telephony.media.media_loop import MediaLoop
from telephony.media.session import MediaSession
from tests.telephony.media.conftest import ListSink, tone

PORTS = (30000, 30998)


class Talk:
    """Two sessions that are configured with each other, and what each heard."""

    def __init__(self, codec: str = "PCMA") -> None:
        self.loop = MediaLoop()
        self.caller, self.callee = (MediaSession.create(self.loop, "127.0.0.1", PORTS) for _ in range(2))
        self.heard_by_caller, self.heard_by_callee = ListSink(), ListSink()
        self.digits: list[DigitPressed] = []
        self.quiet: list[float] = []
        self.caller.configure(("127.0.0.1", self.callee.local_port), SUPPORTED[codec], 101)
        self.callee.configure(("127.0.0.1", self.caller.local_port), SUPPORTED[codec], 101)
        self.callee.start(self.heard_by_callee, self.digits.append, self.quiet.append, 0.3)
        self.caller.start(self.heard_by_caller, lambda digit: None, lambda position: None)

    def close(self) -> None:
        self.caller.close()
        self.callee.close()
        self.loop.close()


def error_ratio(heard: np.ndarray, said: np.ndarray) -> tuple[float, int]:
    """Return the signal to noise ratio in dB and the offset at which it was found."""
    best = int(np.argmax(np.correlate(heard.astype(float), said.astype(float), mode="valid")))
    part = heard[best : best + len(said)].astype(float)
    return 10 * np.log10(np.sum(said.astype(float) ** 2) / np.sum((part - said) ** 2)), best


@pytest.mark.parametrize("codec", ["PCMA", "PCMU"])
def test_what_is_played_is_heard_whole_and_in_time(codec: str) -> None:
    async def scenario() -> None:
        talk = Talk(codec)
        said = tone(1.0) + np.random.default_rng(1).normal(0, 800, 8000).astype(np.int16)
        assert await talk.caller.play(said.tobytes(), 8000)
        await asyncio.sleep(0.1)
        seconds = talk.callee.seconds()
        talk.close()
        ratio, at = error_ratio(talk.heard_by_callee.samples, said)
        assert ratio > 36
        assert at / 8000 == pytest.approx(0.02, abs=0.03)
        assert len(talk.heard_by_callee.samples) / 8000 == pytest.approx(seconds, abs=0.06)
        assert talk.callee.statistics.packets_lost == 0
        assert talk.callee.statistics.mos is not None
        assert talk.callee.statistics.mos > 4.3

    asyncio.run(scenario())


def test_what_is_said_is_in_the_recording_within_a_tenth_of_a_second() -> None:
    async def scenario() -> None:
        talk = Talk()
        await asyncio.sleep(0.3)
        lags = []
        for _ in range(40):
            await asyncio.sleep(0.017)
            lags.append(talk.callee.seconds() - len(talk.heard_by_callee.samples) / 8000)
        talk.loop.close()
        talk.close()
        assert sorted(lags)[30] < 0.1, "three quarters: the machine that tests run on has other things to do"

    asyncio.run(scenario())


def test_keys_arrive_once_each_and_in_place() -> None:
    async def scenario() -> None:
        talk = Talk()
        await talk.caller.send_digits("12#0")
        talk.callee.info_digit("5")
        talk.close()
        assert [d.digit for d in talk.digits] == ["1", "2", "#", "0", "5"]
        assert [d.method for d in talk.digits] == ["rtp"] * 4 + ["info"]
        gaps = np.diff([d.position for d in talk.digits[:4]])
        assert gaps == pytest.approx([0.24] * 3, abs=0.03)

    asyncio.run(scenario())


def test_stopping_cuts_an_interruptible_prompt_short() -> None:
    async def scenario() -> None:
        talk = Talk()
        playing = asyncio.create_task(talk.callee.play(tone(5.0).tobytes(), 8000))
        await asyncio.sleep(0.1)
        talk.callee.stop_playing()
        assert await playing is False
        firm = asyncio.create_task(talk.callee.play(tone(0.1).tobytes(), 8000, interruptible=False))
        await asyncio.sleep(0.02)
        talk.callee.stop_playing()
        assert await firm is True
        cut = asyncio.create_task(talk.callee.play(tone(5.0).tobytes(), 8000, interruptible=False))
        await asyncio.sleep(0.05)
        talk.close()
        assert await cut is False
        assert await talk.callee.play(tone(0.1).tobytes(), 8000) is False

    asyncio.run(scenario())


def test_silence_of_the_network_is_told_once() -> None:
    async def scenario() -> None:
        talk = Talk()
        await asyncio.sleep(0.2)
        talk.caller.close()
        await asyncio.sleep(0.8)
        seconds = talk.callee.seconds()
        talk.close()
        assert len(talk.quiet) == 1
        assert len(talk.heard_by_callee.samples) / 8000 == pytest.approx(seconds, abs=0.06)

    asyncio.run(scenario())


def test_hold_sends_nothing_and_the_recording_goes_on() -> None:
    async def scenario() -> None:
        talk = Talk()
        await asyncio.sleep(0.1)
        remote = ("127.0.0.1", talk.caller.local_port)
        talk.callee.configure(remote, SUPPORTED["PCMA"], 101, "inactive")
        before = talk.caller.statistics.packets_received
        await asyncio.sleep(0.5)
        assert talk.caller.statistics.packets_received - before <= 2
        assert talk.quiet == []
        talk.callee.configure(remote, SUPPORTED["PCMU"], 101, "sendrecv")
        talk.caller.configure(("127.0.0.1", talk.callee.local_port), SUPPORTED["PCMU"], 101)
        said = tone(0.5)
        await talk.caller.play(said.tobytes(), 8000)
        await asyncio.sleep(0.05)
        seconds = talk.callee.seconds()
        talk.close()
        ratio, at = error_ratio(talk.heard_by_callee.samples, said)
        assert ratio > 33
        assert at / 8000 == pytest.approx(0.62, abs=0.05)
        assert len(talk.heard_by_callee.samples) / 8000 == pytest.approx(seconds, abs=0.06)

    asyncio.run(scenario())


@pytest.mark.parametrize(("first", "second", "rate"), [("PCMA", "G722", 8000), ("G722", "PCMU", 16000)])
def test_a_recording_keeps_its_rate_when_the_codec_changes(first: str, second: str, rate: int) -> None:
    async def scenario() -> None:
        talk = Talk(first)
        await talk.caller.play(tone(0.4).tobytes(), 8000)
        talk.caller.configure(("127.0.0.1", talk.callee.local_port), SUPPORTED[second], 101)
        talk.callee.configure(("127.0.0.1", talk.caller.local_port), SUPPORTED[second], 101)
        await talk.caller.play(tone(1.0, hertz=1000).tobytes(), 8000)
        await asyncio.sleep(0.1)
        seconds = talk.callee.seconds()
        talk.close()
        heard = talk.heard_by_callee.samples
        assert talk.callee.sample_rate == rate
        assert len(heard) / rate == pytest.approx(seconds, abs=0.1)
        spectrum = np.abs(np.fft.rfft(heard[-int(0.7 * rate) : -int(0.2 * rate)].astype(float)))
        assert np.argmax(spectrum) * 2 == pytest.approx(1000, abs=10)

    asyncio.run(scenario())
