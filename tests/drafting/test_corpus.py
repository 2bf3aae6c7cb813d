"""The drafts of the corpus are as good as they were when this was written, and a recogniser's noise costs little."""

from __future__ import annotations

import pytest

from config.city import load_city
from drafting.linear_model import model_at
from tests.drafting.noise import homophones, misheard
from tests.drafting.scoring import Score, read_corpus, score_calls

LINYI = load_city("linyi")


@pytest.fixture(scope="module")
def scored() -> Score:
    return score_calls([*read_corpus("tuning"), *read_corpus("held_out")], LINYI)


@pytest.mark.parametrize(
    ("field", "least"),
    [
        *(("phone", 0.98), ("county", 0.98), ("town", 0.97), ("name", 0.95), ("type", 0.93)),
        *(("category_level_1", 0.95), ("category_level_2", 0.93), ("not_accept_code", 0.93)),
    ],
)
def test_a_field_is_as_right_as_promised(scored: Score, field: str, least: float) -> None:
    assert scored.fields[field].f1 >= least, "\n".join(error for error in scored.errors if f" {field} " in error)


def test_no_emergency_is_missed_and_none_is_invented(scored: Score) -> None:
    tally = scored.fields["emergency"]
    assert (tally.missed, tally.invented) == (0, 0)


def test_the_right_town_is_among_the_four_shown(scored: Score) -> None:
    assert scored.fields["town"].recall_in_top(4) >= 0.95


def test_few_drafts_hold_a_wrong_value(scored: Score) -> None:
    assert scored.drafts_with_wrong_value / scored.calls <= 0.04


def test_noise_leaves_places_and_categories_mostly_right() -> None:
    calls = read_corpus("held_out")
    table = homophones(text for call in calls for text in call["utterances"])
    noisy = [
        {**call, "utterances": [misheard(text, table, "a", 0.08) for text in call["utterances"]]} for call in calls
    ]
    fields = score_calls(noisy, LINYI).fields
    assert fields["county"].f1 >= 0.93
    assert fields["town"].recall_in_top(4) >= 0.9
    assert fields["category_level_1"].recall_in_top(3) >= 0.95


def test_the_corpus_is_large_and_its_halves_share_no_call() -> None:
    tuning, held_out = read_corpus("tuning"), read_corpus("held_out")
    assert len(tuning) + len(held_out) >= 300
    assert not {"".join(call["utterances"]) for call in tuning} & {"".join(call["utterances"]) for call in held_out}


def test_the_shipped_models_know_every_label() -> None:
    categories, types = model_at(LINYI.category_model_path), model_at(LINYI.type_model_path)
    assert categories is not None
    assert types is not None
    assert set(categories.labels) == {"/".join(category.key) for category in LINYI.categories}
    assert set(types.labels) == {kind.code for kind in LINYI.types}
