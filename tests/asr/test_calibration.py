"""Stated confidence is turned into true confidence."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.calibration import Calibration, expected_error, fit


def overconfident(count: int) -> list[tuple[float, bool]]:
    """Words whose true chance is the square of what is stated."""
    chance = random.Random(1)
    stated = [chance.random() for _ in range(count)]
    return [(value, chance.random() < value**2) for value in stated]


def test_fitting_makes_confidence_true_on_other_words() -> None:
    words = overconfident(8000)
    calibration = fit(words[:4000])
    assert expected_error(words[4000:]) > 0.12
    assert expected_error((calibration(stated), right) for stated, right in words[4000:]) < 0.03


def test_words_of_one_confidence_get_one_answer() -> None:
    words = [(1.0, number % 4 != 0) for number in range(1000)] + [(0.3, False)] * 500
    assert fit(words).points == ((0.3, 0.0), (1.0, 0.75))


def test_without_points_nothing_changes() -> None:
    assert Calibration.of([])(0.37) == 0.37


def test_between_points_it_is_straight_and_outside_it_is_flat() -> None:
    calibration = Calibration.of([(0.2, 0.1), (0.6, 0.3)])
    assert [calibration(x) for x in (0.0, 0.2, 0.4, 0.6, 1.0)] == [0.1, 0.1, pytest.approx(0.2), 0.3, 0.3]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=200), st.floats(0, 1), st.floats(0, 1))
def test_a_fitted_map_never_falls(words: list[tuple[float, bool]], one: float, other: float) -> None:
    calibration = fit(words)
    low, high = sorted((one, other))
    assert 0.0 <= calibration(low) <= calibration(high) + 0.002 <= 1.002


def test_nothing_observed_is_no_error() -> None:
    assert expected_error([]) == 0.0
