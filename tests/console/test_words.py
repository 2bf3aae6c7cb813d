"""Words keep their seconds, through corrections too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from intake_api.console.words import ShownWord, corrected_words, heard_words

WORDS = [
    {"word": "我要", "start": 1.0, "end": 1.4, "confidence": 0.95},
    {"word": "投诉", "start": 1.5, "end": 2.0, "confidence": 0.7},
    {"word": "物业", "start": 2.1, "end": 2.6, "confidence": 0.5},
]


def test_words_lie_in_the_text_one_after_the_other() -> None:
    words = heard_words("我要投诉物业", WORDS, 1.0, 2.6)
    assert [(w.text, w.start, w.end, w.start_time) for w in words] == [
        ("我要", 0, 2, 1.0),
        ("投诉", 2, 4, 1.5),
        ("物业", 4, 6, 2.1),
    ]
    assert [w.doubt for w in words] == ["", "weak", "strong"]


def test_what_has_no_word_lies_between_its_neighbours() -> None:
    words = heard_words("我要，投诉物业。", WORDS, 1.0, 2.6)
    assert [w.text for w in words] == ["我要", "，", "投诉", "物业", "。"]
    assert (words[1].start_time, words[1].end_time) == (1.4, 1.5)


def test_a_corrected_word_takes_the_seconds_of_what_it_replaces() -> None:
    heard = heard_words("我要投诉物业", WORDS, 1.0, 2.6)
    words = corrected_words("我要投诉悟业公司", heard, 1.0, 2.6)
    assert "".join(w.text for w in words) == "我要投诉悟业公司"
    changed = next(w for w in words if w.text == "悟")
    assert (changed.start_time, changed.confidence) == (2.1, 1.0)


@given(st.text("我要投诉物业垃圾", max_size=12))
def test_a_corrected_text_is_shown_whole_and_in_order(corrected: str) -> None:
    words = corrected_words(corrected, heard_words("我要投诉物业", WORDS, 1.0, 2.6), 1.0, 2.6)
    assert "".join(w.text for w in words) == corrected
    assert [w.start for w in words] == [0, *(w.end for w in words)][: len(words)]


def test_a_word_is_its_text() -> None:
    assert ShownWord("a", 0, 1, 0.0, 1.0, 0.9).doubt == ""
