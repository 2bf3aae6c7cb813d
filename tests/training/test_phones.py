"""Pinyin spelled in phones, and G.711."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.phones import PhoneSet, pinyin_phones, split_syllable
from training.speech.g711 import through_a_law, through_mu_law

FIRST_PHONES = Path(__file__).parents[2] / "training" / "network" / "first_phones.json"


@pytest.mark.parametrize(
    ("syllable", "phones"),
    [("zhong1", ("zh", "ong1")), ("er2", ("er2",)), ("zi5", ("z", "ii5")), ("shi4", ("sh", "iii4")),
     ("xue2", ("x", "ve2")), ("lv4", ("l", "v4")), ("yuan2", ("van2",)), ("hello", None), ("zhong", None)],
)  # fmt: skip
def test_syllables_are_initials_and_toned_finals(syllable: str, phones: tuple[str, ...] | None) -> None:
    assert split_syllable(syllable) == phones


def test_a_word_with_a_foreign_syllable_has_no_spelling() -> None:
    phones = pinyin_phones()
    assert phones.spell(["lin2", "yi2"]) == ("l", "in2", "i2")
    assert phones.spell(["lin2", "xyz1"]) is None
    assert phones.pdf_count == 2 * (len(phones.names) + 1)


def test_the_first_network_can_spell_every_common_syllable() -> None:
    phones = PhoneSet.read(FIRST_PHONES)
    assert len(phones.names) == 152
    for syllable in ("neng2", "gei3", "nuan3", "da4", "kiu4", "zhong1", "lv4"):
        assert phones.spell([syllable])


@pytest.mark.parametrize("law", [through_a_law, through_mu_law])
def test_companding_keeps_loud_samples_within_four_per_cent(law) -> None:  # type: ignore[no-untyped-def]
    samples = np.array([-30000.0, -900.0, 900.0, 30000.0])
    assert np.abs(law(samples) / samples - 1).max() < 0.04


def test_silence_comes_back_from_a_law_as_a_constant() -> None:
    assert np.allclose(through_a_law(np.zeros(3)), 8, atol=5)
