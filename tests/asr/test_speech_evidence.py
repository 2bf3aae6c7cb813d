"""No word on what is not speech, and no word of speech lost."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.model_folder import ModelFolder
from asr.recogniser import Recogniser, Word
from asr.speech_evidence import spoken_words, syllables
from asr.vosk_recogniser import VoskRecogniser
from tests.asr.calls import offline
from tests.asr.conftest import SENTENCES
from tests.asr.sounds import SOUNDS, music, noise, pcm, silence, tone

PEOPLE = Path(__file__).parents[3] / "shared" / "human-digits-dev"


@pytest.mark.parametrize("name", SOUNDS)
def test_no_word_on_what_is_not_speech(recogniser: Recogniser, name: str) -> None:
    assert [transcript.raw_text for transcript in offline(recogniser, pcm(SOUNDS[name]))] == []


def test_words_of_people_are_not_lost(recogniser: Recogniser, model: ModelFolder) -> None:
    if not PEOPLE.is_dir():
        pytest.skip("absent: recordings of people (shared/human-digits-dev)")
    plain = VoskRecogniser(model)
    with (PEOPLE / "index.tsv").open(encoding="utf-8") as rows:
        names = [row["file"] for row in csv.DictReader(rows, delimiter="\t")][::6]
    heard = lost = 0
    for name in names:
        samples, rate = soundfile.read(PEOPLE / name, dtype="int16")
        spoken = bytes(4000) + samples.tobytes() + bytes(4000)
        all_words = sum(len(transcript.words) for transcript in offline(plain, spoken, rate))
        heard += all_words
        lost += all_words - sum(len(transcript.words) for transcript in offline(recogniser, spoken, rate))
    assert heard > 100
    assert lost <= 0.01 * heard


def test_speech_after_music_and_in_noise_is_heard(recogniser: Recogniser, sentences: list[bytes]) -> None:
    speech = np.frombuffer(sentences[1], "<i2") / 32768
    sound = np.concatenate([music(0, 6, 2, 3, 6, 0.3), silence(1), speech, silence(1), tone(2, 450)])
    heard = offline(recogniser, pcm(sound + noise(60, 0.002)[: len(sound)]))
    assert "".join(transcript.text for transcript in heard) == SENTENCES[1]


def test_a_word_in_silence_is_left_out_and_the_rest_stays() -> None:
    speech = noise(1, 0.1).astype(np.float32)
    audio = np.concatenate([np.zeros(8000, np.float32), speech, np.zeros(8000, np.float32)])
    words = (Word("嗯", 0.2, 0.5, 0.9), Word("您好", 1.1, 1.6, 0.9), Word("啊", 2.3, 2.8, 0.9))
    assert [word.word for word in spoken_words(words, audio, 8000, 0.0)] == ["您好"]
    assert [word.word for word in spoken_words(words, audio, 8000, 10.0)] == [], "words beyond the audio"


def test_a_syllable_cannot_be_held_for_seconds() -> None:
    audio = np.concatenate([np.zeros(8000), noise(4, 0.1)]).astype(np.float32)
    assert spoken_words((Word("约", 1.1, 4.9, 0.9),), audio, 8000, 0.0) == []
    assert len(spoken_words((Word("银雀山街道", 1.1, 4.9, 0.9),), audio, 8000, 0.0)) == 1


@pytest.mark.parametrize(("word", "count"), [("路灯", 2), ("a", 1), ("wechat", 2), ("嗯", 1)])
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count
