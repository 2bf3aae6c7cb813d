"""The language model: numbers, readings, templates, mixing and pruning."""

from __future__ import annotations

import random

import numpy as np
import pytest

from training.language import slots
from training.language.build import LanguageRecipe, build_language, clauses, written_sentences
from training.language.general_trigram import SHIFT, GeneralTrigram, is_kept, no_general_trigram, read_arpa
from training.language.lexicon import readings, syllables_of
from training.language.ngrams import BackOffTrigram
from training.language.numbers import spoken_cardinal, spoken_digits, spoken_quantity
from training.language.places import read_places, short_town
from training.language.pruning import pruned
from training.language.sandhi import after_sandhi
from training.language.templates import Templates
from training.language.vocabulary import Segmenter

ARPA = """\\data\\
ngram 1=4
ngram 2=2
ngram 3=1

\\1-grams:
-1.0\t<unk>\t0
-0.5\t路灯\t-0.1
-0.6\t坏\t-0.2
-0.7\tabc

\\2-grams:
-0.3\t路灯 坏\t-0.1
-0.4\t路灯 abc

\\3-grams:
-0.2\t路灯 坏 路灯

\\end\\
"""


@pytest.mark.parametrize(
    ("number", "spoken"),
    [(0, "零"), (10, "十"), (15, "十五"), (20, "二十"), (105, "一百零五"), (110, "一百一十"), (2030, "二千零三十"),
     (10_010, "一万零一十"), (305_000, "三十万五千"), (20_000_003, "二千万零三")],
)  # fmt: skip
def test_cardinals_are_said_as_people_say_them(number: int, spoken: str) -> None:
    assert spoken_cardinal(number) == spoken


def test_two_is_liang_before_what_it_counts() -> None:
    assert spoken_quantity(2) == "两"
    assert spoken_quantity(2300) == "两千三百"
    assert spoken_quantity(22) == "二十二"
    assert spoken_digits("12315", yao=True) == "幺二三幺五"


def test_slots_have_the_form_of_what_they_are() -> None:
    draw = random.Random(1)
    for _ in range(300):
        assert len(slots.mobile(draw)) == 11
        assert len(slots.id_number(draw)) == 18
        assert len(slots.plate(draw)) in {7, 8}
        assert slots.plate(draw)[1] in "ABCDEFGHJKLMNPQRSTUVWXYZ"


@pytest.mark.parametrize(
    ("text", "said"),
    [("你好", "ni2 hao3"), ("不是", "bu2 shi4"), ("不好", "bu4 hao3"), ("一个", "yi2 ge4"), ("一天", "yi4 tian1"),
     ("第一", "di4 yi1")],
)  # fmt: skip
def test_tones_change_before_tones(text: str, said: str) -> None:
    assert " ".join(after_sandhi(text, syllables_of(text))) == said


def test_a_word_that_ends_in_a_third_tone_may_rise() -> None:
    found = readings("老板", {})
    assert found[("lao2", "ban3")] == 1.0
    assert 0 < found[("lao2", "ban2")] < 0.5


def test_templates_draw_the_same_sentences_from_the_same_seed() -> None:
    places = read_places()
    first, second = Templates(places, 3), Templates(places, 3)
    drawn = [first.call() for _ in range(300)]
    assert drawn == [second.call() for _ in range(300)]
    assert not [clause for call in drawn for clause in call if "{" in clause or not clause]
    assert len({clause for call in drawn for clause in call}) > 250


def test_every_town_and_village_of_the_city_is_a_name() -> None:
    places = read_places()
    names = set(places.names())
    assert sum(len(towns) for towns in places.towns.values()) == 156
    assert {town for towns in places.towns.values() for town in towns} <= names
    assert sum(len(villages) for villages in places.villages.values()) >= 4180
    assert short_town("银雀山街道") == "银雀山"


def test_the_written_sentences_are_many_and_differ() -> None:
    sentences = written_sentences()
    assert len(sentences) >= 3000
    assert len({"".join(clauses(sentence)) for sentence in sentences}) >= 3000


def test_clauses_are_the_whole_and_its_parts() -> None:
    assert clauses("你好，路灯坏了。") == ["你好路灯坏了", "你好", "路灯坏了"]
    assert clauses("路灯坏了") == ["路灯坏了"]


def test_the_arpa_reader_keeps_chinese_words_and_their_ngrams(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "lm.arpa").write_text(ARPA, encoding="utf-8")
    general = read_arpa(tmp_path / "lm.arpa")
    assert general.words == ["路灯", "坏"]
    assert general.keys2.tolist() == [0 << SHIFT | 1]
    assert general.p3 == pytest.approx([10**-0.2])
    assert not is_kept("五一")
    assert not is_kept("貴")


def test_the_segmenter_takes_the_likeliest_words() -> None:
    vocabulary = ["灯", "路", "路灯", "坏"]
    cut = Segmenter(vocabulary, np.array([0.1, 0.1, 0.3, 0.2, 0.0, 0.3]), []).cut
    assert cut("路灯坏") == (2, 3)
    assert cut("路灯x") is None


def _model() -> BackOffTrigram:
    p1 = np.array([0.3, 0.3, 0.2, 0.0, 0.2])
    keys2 = np.array([0 << SHIFT | 1, 1 << SHIFT | 2, 3 << SHIFT | 0], np.int64)
    keys3 = np.array([(0 << SHIFT | 1) << SHIFT | 2], np.int64)
    return BackOffTrigram(p1, keys2, np.array([0.6, 0.5, 0.7]), keys3, np.array([0.9]))


def test_every_history_of_a_back_off_model_sums_to_one() -> None:
    model = _model()
    words = np.array([0, 1, 2, 4])
    for v in (0, 1, 2, 3):
        assert model.pair(np.full(4, v), words).sum() == pytest.approx(1)
    assert model.triple(np.zeros(4, int), np.ones(4, int), words).sum() == pytest.approx(1)


def test_pruning_drops_what_matters_least_and_still_sums_to_one() -> None:
    small = pruned(_model(), 6)
    assert len(small.keys2) + len(small.keys3) <= 2
    words = np.array([0, 1, 2, 4])
    assert small.pair(np.zeros(4, int), words).sum() == pytest.approx(1)


def test_the_same_text_gives_the_same_model() -> None:
    recipe = LanguageRecipe(vocabulary=100, drawn_calls=200, pairs_of_written=10, ngrams=12_000)
    general: GeneralTrigram = no_general_trigram()
    first, second = build_language(general, recipe), build_language(general, recipe)
    assert first.vocabulary == second.vocabulary
    assert np.array_equal(first.model.p3, second.model.p3)
    assert first.lexicon["临沂大学"][("lin2", "yi2", "da4", "xue2")] == 1.0
