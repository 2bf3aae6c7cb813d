"""The recogniser process with real Vosk: live words are offline words, whatever happens to the process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

import asr.service
from asr.recogniser import Recogniser
from asr.service_status import read_status
from config.settings import Settings
from live_bus.local_bus import LocalBus
from spool.facts import Transcribed
from tests.asr.calls import (
    Callers,
    as_heard,
    begin_call,
    end_call,
    offline,
    record,
    utterances,
    wait_until_transcribed,
)

PROCESS = """
import signal, threading
import asr.service
from config.settings import Settings
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
asr.service.run(Settings(), stop)
"""


@contextmanager
def recogniser_thread(settings: Settings) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=asr.service.run, args=(settings, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def start_process(settings: Settings, program: str = PROCESS) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | {"HOTLINE_DATA_DIR": str(settings.data_dir), "HOTLINE_ASR__THREADS": "2"},
    )


@pytest.mark.parametrize(
    ("calls", "speed"), [(1, 4.0), (10, 2.0), pytest.param(30, 1.0, marks=pytest.mark.slow)], ids=str
)
def test_live_words_are_offline_words(
    settings: Settings, recogniser: Recogniser, monologues: list[bytes], calls: int, speed: float
) -> None:
    spoken = [speech[: 16000 * 240 // (calls + 20)] for speech in monologues]  # 12 s of one caller, 5 s each of 30
    callers = Callers(settings, LocalBus(settings.runtime_dir), [spoken[i % 5] for i in range(calls)], speed)
    with recogniser_thread(settings):
        callers.start()
        callers.join()
        wait_until_transcribed([folder for folder, _ in callers.calls])
    expected = {speech: as_heard(offline(recogniser, speech)) for speech in spoken}
    for folder, speech in callers.calls:
        assert as_heard(utterances(folder)) == expected[speech]
        assert [u.index for u in utterances(folder)] == list(range(len(expected[speech])))


@pytest.mark.fault
@pytest.mark.parametrize("calls", [1, 6])
def test_a_process_killed_twice_loses_and_doubles_nothing(
    settings: Settings, recogniser: Recogniser, monologues: list[bytes], calls: int
) -> None:
    callers = Callers(settings, LocalBus(settings.runtime_dir), [monologues[i % 5] for i in range(calls)], speed=2.0)
    process = start_process(settings)
    callers.start()
    for _ in range(2):
        time.sleep(len(monologues[0]) / 16000 / 2 / 3)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process = start_process(settings)
    callers.join()
    wait_until_transcribed([folder for folder, _ in callers.calls])
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    for folder, speech in callers.calls:
        assert as_heard(utterances(folder)) == as_heard(offline(recogniser, speech))
        assert sum(isinstance(line.fact, Transcribed) for line in folder.facts()) == 1


def test_without_any_news_calls_are_found_and_finished(
    settings: Settings, recogniser: Recogniser, monologues: list[bytes]
) -> None:
    callers = Callers(settings, LocalBus(settings.runtime_dir), monologues[:2], speed=8.0, silent=True)
    with recogniser_thread(settings):
        callers.start()
        callers.join()
        wait_until_transcribed([folder for folder, _ in callers.calls])
    for folder, speech in callers.calls:
        assert as_heard(utterances(folder)) == as_heard(offline(recogniser, speech))


def test_partial_words_grow_while_a_caller_speaks(settings: Settings, sentences: list[bytes]) -> None:
    bus = LocalBus(settings.runtime_dir)
    news = bus.subscribe("partial")
    callers = Callers(settings, bus, [sentences[0] + bytes(16000)], speed=1.0)
    with recogniser_thread(settings):
        callers.start()
        wait_until_transcribed([callers.calls[0][0]])
    messages = []
    while message := news.receive(0):
        messages.append(message)
    texts = [message["text"] for message in messages]
    assert len(texts) >= 3
    assert all(one != other for one, other in pairwise(texts)), "published without a change"
    assert texts[-1] == utterances(callers.calls[0][0])[0].text
    assert {message["index"] for message in messages} == {0}


def test_a_call_that_was_never_answered_has_no_utterances(settings: Settings) -> None:
    folder = begin_call(settings)
    end_call(folder)
    with recogniser_thread(settings):
        wait_until_transcribed([folder], 5)
    (transcribed,) = (line.fact for line in folder.facts() if isinstance(line.fact, Transcribed))
    assert (transcribed.utterances, transcribed.audio_seconds, transcribed.complete) == (0, 0.0, True)


def test_a_damaged_recording_is_set_aside_and_the_others_go_on(
    settings: Settings, recogniser: Recogniser, sentences: list[bytes]
) -> None:
    bad, good = begin_call(settings), begin_call(settings)
    record(bad, bytes(16000), sample_rate=0)
    record(good, sentences[0])
    end_call(bad)
    end_call(good)
    with recogniser_thread(settings):
        wait_until_transcribed([bad, good])
        time.sleep(1.2)  # one more status
        status = read_status(settings.runtime_dir)
    (transcribed,) = (line.fact for line in bad.facts() if isinstance(line.fact, Transcribed))
    assert not transcribed.complete
    assert "set aside" in transcribed.remark
    assert as_heard(utterances(good)) == as_heard(offline(recogniser, sentences[0]))
    assert status is not None
    assert status.set_aside == [bad.call_id]
    assert status.hears is True
    assert status.decoded_seconds > 1
    assert status.lag_seconds == {}
    metrics = json.loads((settings.runtime_dir / "recogniser.json").read_text(encoding="utf-8"))["metrics"]
    assert metrics["recogniser_calls_set_aside"] == 1
    assert metrics["recogniser_decoded_seconds_total"] == status.decoded_seconds


ABORTING = """
import os, signal, threading
import asr.service
from asr.crash_journal import CrashJournal
from asr.model_card import ModelCard
from asr.opening import LoadedRecogniser
from config.settings import Settings
from live_bus.local_bus import LocalBus

class Stream:
    def accept(self, pcm):
        if b"KALDI_ASSERT" in pcm:
            os.abort()
        return []
    def partial(self): return None
    def finish(self): return []

class Recogniser:
    name = "aborts"
    def stream(self, sample_rate, offset=0.0): return Stream()

settings, stop = Settings(), threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
bus = LocalBus(settings.runtime_dir)
news = bus.subscribe("audio")
journal = CrashJournal(settings.runtime_dir, settings.asr.threads)
loaded = LoadedRecogniser(Recogniser(), ModelCard("aborts"))
asr.service.RecogniserService(settings, loaded, bus, journal).follow(news, stop)
"""


@pytest.mark.fault
def test_a_recording_the_decoder_dies_of_twice_is_set_aside(settings: Settings) -> None:
    harmless = [begin_call(settings) for _ in range(4)]
    deadly = begin_call(settings)
    for folder in harmless:
        record(folder, bytes(160_000))
        end_call(folder)
    record(deadly, bytes(8000) + b"KALDI_ASSERT" + bytes(8000))
    end_call(deadly)
    for _ in range(2):
        assert start_process(settings, ABORTING).wait(20) == -signal.SIGABRT
    process = start_process(settings, ABORTING)
    wait_until_transcribed([*harmless, deadly], 20)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    complete = {
        folder.call_id: line.fact.complete
        for folder in [*harmless, deadly]
        for line in folder.facts()
        if isinstance(line.fact, Transcribed)
    }
    assert complete == {folder.call_id: folder is not deadly for folder in [*harmless, deadly]}
