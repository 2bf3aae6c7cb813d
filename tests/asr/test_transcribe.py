"""Recordings of any rate and form give the live path's words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.model_folder import ModelFolder
from asr.recogniser import Recogniser
from asr.self_test import RECORDING, SENTENCE, hears, recogniser_hears
from asr.transcribe import UnreadableAudio, as_srt, as_text, transcribe_file
from spool.call_folder import wav_header
from tests.asr.calls import offline
from tests.asr.conftest import SENTENCES


@pytest.fixture(scope="module")
def samples(sentences: list[bytes]) -> np.ndarray:
    return np.frombuffer(sentences[0] + bytes(16000), "<i2")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.wav", {}),
        ("a.wav", {"subtype": "ALAW"}),
        ("a.flac", {}),
        ("a.opus", {"format": "OGG", "subtype": "OPUS"}),
        ("a.ogg", {"format": "OGG", "subtype": "VORBIS"}),
        ("a.mp3", {"format": "MP3"}),
    ],
    ids=str,
)
def test_common_forms_are_read(
    recogniser: Recogniser, samples: np.ndarray, tmp_path: Path, name: str, options: dict[str, str]
) -> None:
    soundfile.write(tmp_path / name, samples, 8000, **options)
    result = transcribe_file(tmp_path / name, recogniser)
    assert "".join(utterance["text"] for utterance in result["utterances"]) == SENTENCES[0]


def test_a_file_has_the_transcripts_shape_and_the_live_words(
    recogniser: Recogniser, samples: np.ndarray, tmp_path: Path
) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, samples, 8000)
    told: list[tuple[float, float]] = []
    result = transcribe_file(path, recogniser, lambda done, total: told.append((done, total)))
    json.dumps(result)
    assert result["file"] == str(path)
    (live,) = offline(recogniser, samples.tobytes())
    (utterance,) = result["utterances"]
    assert utterance["index"] == 0
    assert utterance["text"] == live.text
    assert (utterance["start_time"], utterance["end_time"]) == (live.start_time, live.end_time)
    assert [word["word"] for word in utterance["words"]] == [word.word for word in live.words]
    assert set(utterance["words"][0]) == {"word", "start", "end", "confidence"}
    assert told[-1][0] == told[-1][1] == pytest.approx(len(samples) / 8000)


def test_each_channel_is_a_speaker(recogniser: Recogniser, sentences: list[bytes], tmp_path: Path) -> None:
    caller, clerk = (np.frombuffer(sentences[i], "<i2") for i in (0, 1))
    both = np.zeros((len(caller) + len(clerk) + 32000, 2), np.int16)
    both[: len(caller), 0] = caller
    both[len(caller) + 16000 : len(caller) + 16000 + len(clerk), 1] = clerk
    soundfile.write(tmp_path / "both.wav", both, 8000)
    result = transcribe_file(tmp_path / "both.wav", recogniser)
    assert [(u["channel"], u["text"]) for u in result["utterances"]] == [(0, SENTENCES[0]), (1, SENTENCES[1])]
    assert [u["index"] for u in result["utterances"]] == [0, 1]
    assert as_text(result).splitlines()[1].endswith(f"2: {SENTENCES[1]}")


def test_a_recording_that_still_grows_is_read(recogniser: Recogniser, sentences: list[bytes], tmp_path: Path) -> None:
    (tmp_path / "audio.wav").write_bytes(wav_header(8000, None) + sentences[0])
    result = transcribe_file(tmp_path / "audio.wav", recogniser)
    assert result["utterances"][0]["text"] == SENTENCES[0]


def test_subtitles() -> None:
    result = {"file": "a.wav", "utterances": [{"index": 0, "start_time": 3661.5, "end_time": 3662.25, "text": "您好"}]}
    assert as_srt(result) == "1\n01:01:01,500 --> 01:01:02,250\n您好\n"
    assert as_text(result) == "[01:01:01.500] 您好"


@pytest.mark.parametrize("data", [b"", b"RIFF", b"hello" * 1000])
def test_what_is_no_recording_is_a_sentence(recogniser: Recogniser, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(data)
    with pytest.raises(UnreadableAudio, match="not a recording"):
        transcribe_file(tmp_path / "a.wav", recogniser)
    with pytest.raises(UnreadableAudio, match="not a recording"):
        transcribe_file(tmp_path / "absent.wav", recogniser)


def test_an_empty_recording_has_no_utterances(recogniser: Recogniser, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(0, np.int16), 8000)
    assert transcribe_file(tmp_path / "a.wav", recogniser)["utterances"] == []


def test_the_known_recording_is_heard(recogniser: Recogniser, model: ModelFolder, tmp_path: Path) -> None:
    assert recogniser_hears(recogniser)
    assert hears(model)
    assert not hears(ModelFolder(tmp_path))
    (utterance,) = transcribe_file(RECORDING, recogniser)["utterances"]
    assert utterance["text"] == SENTENCE
