"""What must hold of every `Recogniser`: add yours to `RECOGNISERS` (docs/adding-a-recogniser.md)."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import numpy as np
import pytest
import soxr
from rapidfuzz.distance import Levenshtein

from asr.model_folder import ModelFolder
from asr.opening import recogniser_of
from asr.recogniser import Recogniser, Transcript
from asr.vosk_recogniser import VoskRecogniser
from hotline.voice import say
from tests.asr.calls import as_heard, offline
from tests.asr.conftest import SENTENCES


def adapting_vosk(model: ModelFolder) -> Recogniser:
    """Vosk as it treats a model that adapts to a voice: one decoder for several utterances."""
    recogniser = VoskRecogniser(model)
    recogniser.fresh_after_seconds = 12.0
    return recogniser


RECOGNISERS: dict[str, Callable[[ModelFolder], Recogniser]] = {
    "vosk": VoskRecogniser,
    "adapting vosk": adapting_vosk,
    "checked vosk": recogniser_of,
}


@pytest.fixture(scope="module", params=RECOGNISERS, ids=str)
def heard_by(request: pytest.FixtureRequest, model: ModelFolder) -> Recogniser:
    return RECOGNISERS[request.param](model)


@pytest.fixture(scope="module")
def spoken(monologues: list[bytes]) -> bytes:
    return monologues[0] + monologues[2]


@pytest.fixture(scope="module")
def whole(heard_by: Recogniser, spoken: bytes) -> list[Transcript]:
    return offline(heard_by, spoken)


def test_it_hears_what_was_said(whole: list[Transcript]) -> None:
    assert [transcript.text for transcript in whole] == list(SENTENCES[:4])


def test_an_utterance_is_its_words(whole: list[Transcript], spoken: bytes) -> None:
    times = [0.0]
    for transcript in whole:
        assert transcript.is_final
        assert transcript.text == "".join(word.word for word in transcript.words)
        assert transcript.start_time == transcript.words[0].start
        assert transcript.end_time == transcript.words[-1].end
        assert 0.0 <= transcript.confidence <= 1.0
        for word in transcript.words:
            assert 0.0 <= word.confidence <= 1.0
            times += [word.start, word.end]
    assert times == sorted(times)
    assert times[-1] <= len(spoken) / 16000


@pytest.mark.parametrize("size", [2, 320, 1600, 4096, 100_000])
def test_the_size_of_pieces_changes_nothing(
    heard_by: Recogniser, spoken: bytes, whole: list[Transcript], size: int
) -> None:
    if size == 2:
        spoken = spoken[:48_000]
        whole = offline(heard_by, spoken)
    stream = heard_by.stream(8000)
    heard = [t for i in range(0, len(spoken), size) for t in stream.accept(spoken[i : i + size])] + stream.finish()
    assert as_heard(heard) == as_heard(whole)


def test_a_fresh_stream_goes_on_from_any_final_utterance(
    heard_by: Recogniser, spoken: bytes, whole: list[Transcript]
) -> None:
    for index, transcript in enumerate(whole[:-1]):
        rest = heard_by.stream(8000, offset=transcript.audio_bytes / 16000)
        again = rest.accept(spoken[transcript.audio_bytes :]) + rest.finish()
        new = [t for t in again if t.end_time > transcript.end_time]
        expected = [(t.text, t.start_time, t.end_time, t.confidence) for t in whole[index + 1 :]]
        assert [(t.text, t.start_time, t.end_time, t.confidence) for t in new] == expected


def test_partial_words_come_before_the_final_ones(heard_by: Recogniser, sentences: list[bytes]) -> None:
    stream, partial = heard_by.stream(8000), []
    for i in range(0, len(sentences[0]), 1600):
        assert stream.accept(sentences[0][i : i + 1600]) == []
        if (now := stream.partial()) is not None:
            assert not now.is_final
            partial.append(now.text)
    (final,) = stream.finish()
    assert len({text for text, _ in itertools.groupby(partial)}) >= 4
    assert final.text.startswith(partial[-1][:5])


@pytest.mark.parametrize("rate", [16000, 44100, 11025])
def test_any_rate_is_heard_the_same(heard_by: Recogniser, spoken: bytes, whole: list[Transcript], rate: int) -> None:
    samples = np.frombuffer(spoken, "<i2").astype(np.float32)
    resampled = soxr.resample(samples, 8000, rate).clip(-32768, 32767).astype("<i2").tobytes()
    heard = offline(heard_by, resampled, rate)
    assert [t.text for t in heard] == [t.text for t in whole]
    for one, other in zip(heard, whole, strict=True):
        assert one.start_time == pytest.approx(other.start_time, abs=0.1)
        assert one.end_time == pytest.approx(other.end_time, abs=0.1)


def test_silence_nothing_and_half_a_sample_are_heard_as_nothing(heard_by: Recogniser) -> None:
    assert offline(heard_by, b"") == []
    assert offline(heard_by, bytes(8)) == []
    assert offline(heard_by, bytes(16000 * 20)) == []
    assert heard_by.stream(8000).partial() is None


def test_streams_in_several_threads_do_not_mix(heard_by: Recogniser, sentences: list[bytes]) -> None:
    heard: dict[int, list[Transcript]] = {}
    threads = [
        threading.Thread(target=lambda i=i: heard.__setitem__(i, offline(heard_by, sentences[i]))) for i in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i in range(4):
        assert as_heard(heard[i]) == as_heard(offline(heard_by, sentences[i]))
        assert "".join(t.text for t in heard[i]) == SENTENCES[i]


def test_a_monologue_without_a_pause_is_cut_and_every_word_kept_once(
    model: ModelFolder, sentences: list[bytes]
) -> None:
    spoken = b"".join(np.trim_zeros(np.frombuffer(sentence, "<i2")).tobytes() for sentence in sentences * 3)
    whole = "".join(SENTENCES) * 3
    heard = offline(VoskRecogniser(model, longest_utterance_seconds=12.0), spoken)
    assert len(heard) >= 3
    assert all(t.end_time - t.start_time <= 12.5 for t in heard)
    # Sentences that run into each other are not heard quite right; a word lost or doubled at a cut would add to this.
    assert Levenshtein.distance("".join(t.text for t in heard), whole) <= 0.03 * len(whole)


def test_doubtful_words_have_other_readings(recogniser: Recogniser) -> None:
    heard = offline(recogniser, say("蒲公英飘落在窗台上的青花瓷瓶里，骆驼踩过了鹅卵石", 8000))
    doubtful = [t for t in heard if t.alternatives]
    assert doubtful
    for transcript in doubtful:
        assert len(transcript.alternatives) <= 3
        assert transcript.raw_text not in transcript.alternatives
        assert len(set(transcript.alternatives)) == len(transcript.alternatives)
        assert transcript.confidence < 1.0
