"""Decoding in blocks is, bit for bit, what the standard does sample by sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.media.g722 import G722
from telephony.media.g722_band import HIGH_INVERSE, LOW_INVERSE, Band, high_band, low_band
from telephony.media.g722_rebuilding import Rebuilding


def sample_by_sample(band: Band, inverse: tuple[int, ...], codes: list[int]) -> list[tuple[int, int]]:
    seen = []
    for code in codes:
        seen.append((band.estimate, band.scale))
        band.adapt(code, band.scale * inverse[code] >> 15)
    return seen


@settings(max_examples=30, deadline=None)
@given(st.booleans(), st.integers(0, 2**32 - 1), st.lists(st.integers(1, 300), min_size=1, max_size=8))
def test_any_codes_in_any_blocks(is_low: bool, seed: int, blocks: list[int]) -> None:
    inverse = LOW_INVERSE if is_low else HIGH_INVERSE
    one, other = (low_band(), low_band()) if is_low else (high_band(), high_band())
    rebuilding = Rebuilding(one, inverse)
    chance = np.random.default_rng(seed)
    # Runs of one code drive the predictor to its limits, where everything saturates.
    codes = np.repeat(chance.integers(0, len(inverse), sum(blocks)), chance.integers(1, 9))[: sum(blocks)]
    expected = sample_by_sample(other, inverse, codes.tolist())
    got: list[tuple[int, int]] = []
    for start, size in zip(np.cumsum([0, *blocks]).tolist(), blocks, strict=False):
        estimates, scales = rebuilding.rebuild(codes[start : start + size].astype(np.int64))
        got += zip(estimates.tolist(), scales.tolist(), strict=True)
    assert got == expected


@pytest.mark.parametrize("data", [b"", b"\xff", bytes(480), b"\xfa" * 480])
def test_payloads_of_any_length(data: bytes) -> None:
    assert len(G722().decode(data)) == 2 * len(data)
