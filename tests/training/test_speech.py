"""Labels, joined words, normalised frames, alignment: what a network is trained on."""

from __future__ import annotations

import numpy as np
import pytest

from training.phones import pinyin_phones

NEEDS = "missing: pip install -r training/requirements.txt (torch and kaldifst build models; the product needs neither)"
for module in ("torch", "kaldi_native_fbank", "scipy"):
    pytest.importorskip(module, reason=NEEDS)

from training.corpus import joined, trimmed  # noqa: E402
from training.network.alignment import _best_path  # noqa: E402
from training.speech.espeak import UNHEARD_VARIANTS, Manner  # noqa: E402
from training.speech.features import mfcc, normalised  # noqa: E402
from training.speech.line import Line  # noqa: E402
from training.speech.no_speech import no_speech  # noqa: E402
from training.speech.speaker_change import changed, warp  # noqa: E402
from training.speech.synthesis import VARIANTS, Speaker  # noqa: E402
from training.speech.utterance import Utterance, labels  # noqa: E402

PHONES = pinyin_phones()


def test_a_label_marks_where_each_phone_begins_and_that_it_lasts() -> None:
    timed = ((None, 0.0), ("l", 100.0), ("u4", 160.0), (None, 300.0))
    l_, u4 = PHONES.index["l"], PHONES.index["u4"]
    found = labels(timed, 36, PHONES).tolist()
    assert found == [0, 1, 1, 2 * l_, 2 * l_ + 1, 2 * u4, *[2 * u4 + 1] * 4, 0, 1]


def test_phones_too_short_for_a_frame_still_get_one() -> None:
    found = labels((("l", 0.0), ("u4", 5.0), ("d", 10.0)), 30, PHONES)
    assert {label // 2 for label in found.tolist()} == {PHONES.index[p] for p in ("l", "u4", "d")}


def test_what_espeak_says_is_timed_in_pinyin_phones() -> None:
    utterance = Speaker(PHONES).say("路灯坏了", Manner())
    assert utterance is not None
    assert [phone for phone, _ in utterance.phones if phone] == ["l", "u4", "d", "eng1", "h", "uai4", "l", "e5"]
    times = [time for _, time in utterance.phones]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(1000 * len(utterance.samples) / utterance.rate)


def test_voices_that_measure_are_not_trained_on() -> None:
    assert not set(VARIANTS) & set(UNHEARD_VARIANTS)


def test_normalised_frames_have_no_mean_once_the_window_is_full() -> None:
    frames = np.random.default_rng(1).normal(5, 1, (1500, 40)).astype(np.float32)
    found = normalised(frames, np.zeros(40))
    assert np.abs(found[800:].mean()) < 0.05
    assert found[0, 0] == pytest.approx(frames[0, 0] * (1 - 1 / 201), rel=1e-4)


def test_a_changed_voice_keeps_its_phones_in_order() -> None:
    utterance = Utterance(np.sin(np.arange(16000) / 5) * 3000, 16000, (("l", 0.0), ("u4", 400.0), (None, 1000.0)))
    draw = np.random.default_rng(2)
    for _ in range(20):
        other = changed(utterance, draw)
        assert other.rate == 8000
        assert other.phones[-1][1] == pytest.approx(len(other.samples) / 8, rel=0.08)
    assert len(warp(utterance.samples, 1.1, 1.5)) == 24000


def test_a_line_keeps_the_length_and_the_range() -> None:
    line = Line(np.random.default_rng(3))
    for _ in range(20):
        sent = line.send(np.random.default_rng(4).normal(0, 1000, 8000))
        assert len(sent) == 8000
        assert np.abs(sent).max() <= 32768
    assert len(mfcc(no_speech(np.random.default_rng(5)))) > 190


def test_joined_words_follow_each_other() -> None:
    word = Utterance(np.ones(8000), 16000, ((None, 0.0), ("l", 100.0), ("u4", 200.0), (None, 350.0)))
    draw = np.random.default_rng(6)
    both = joined([trimmed(word, draw), trimmed(word, draw)], draw)
    assert [phone for phone, _ in both.phones if phone] == ["l", "u4", "l", "u4"]
    assert [time for _, time in both.phones] == sorted(time for _, time in both.phones)


def test_the_best_path_gives_every_phone_a_frame_and_leaves_out_needless_silence() -> None:
    units, optional = [0, 1, 0, 2, 0], [True, False, True, False, True]
    scores = np.full((8, 6), -5.0)
    for time, pdf in enumerate([0, 2, 3, 3, 4, 5, 5, 5]):
        scores[time, pdf] = 0.0
    path = _best_path(scores, units, optional)
    assert path is not None
    assert [state // 2 for state in path] == [0, 1, 1, 1, 3, 3, 3, 3]
    assert _best_path(scores[:1], units, optional) is None
