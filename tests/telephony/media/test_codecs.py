"""G.711 by the standard's tables, G.722 bit for bit against an independent implementation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from telephony.media.codecs import SUPPORTED, Codec, coder, is_supported, sample_rate
from telephony.media.g711 import ALaw, MuLaw
from telephony.media.g722 import G722
from tests.telephony.media.conftest import tone

DATA = Path(__file__).parent / "data"
EVERY_CODE = bytes(range(256))


@pytest.mark.parametrize(
    ("code", "value"),
    # Table 1a and 1b of G.711: the ends and the middle of the first, second and last segment, in 13 bits.
    [(0xD5, 1), (0xD4, 3), (0xC5, 33), (0xF5, 66), (0xAA, 4032), (0x80 ^ 0x55 ^ 0x10, 33), (0x2A, -4032), (0x55, -1)],
)
def test_a_law_values_are_the_standards(code: int, value: int) -> None:
    assert ALaw().decode(bytes([code]))[0] == value * 8


@pytest.mark.parametrize(
    ("code", "value"),
    # Table 2a and 2b, in 14 bits.
    [(0xFF, 0), (0x7F, 0), (0xFE, 2), (0x7E, -2), (0xEF, 33), (0x80, 8031), (0x00, -8031), (0xAF, 1023)],
)
def test_mu_law_values_are_the_standards(code: int, value: int) -> None:
    assert MuLaw().decode(bytes([code]))[0] == value * 4


@pytest.mark.parametrize("law", [ALaw(), MuLaw()])
def test_every_code_survives_decoding_and_encoding(law: ALaw | MuLaw) -> None:
    again = law.encode(law.decode(EVERY_CODE))
    assert [(a, b) for a, b in zip(again, EVERY_CODE, strict=True) if a != b and {a, b} != {0x7F, 0xFF}] == []


@pytest.mark.parametrize("law", [ALaw(), MuLaw()])
def test_every_sample_gets_a_code_of_its_own_interval(law: ALaw | MuLaw) -> None:
    samples = np.arange(-32768, 32768).astype(np.int16)
    heard = law.decode(law.encode(samples)).astype(int)
    assert np.all(np.diff(heard) >= 0)
    assert np.all(np.abs(heard - samples) <= np.abs(heard) / 33 + 8), "half of a sixteenth of the segment"
    assert np.array_equal(heard[:32768], -heard[:32767:-1]), "the laws are symmetric about -1/2"


@pytest.mark.parametrize("law", [ALaw(), MuLaw()])
@pytest.mark.parametrize("level", [300, 3000, 20000])
def test_sound_is_as_good_as_g711_can_be(law: ALaw | MuLaw, level: int) -> None:
    said = tone(1.0, level=level, hertz=1004).astype(float)
    noise = law.decode(law.encode(said.astype(np.int16))) - said
    assert 10 * np.log10(np.sum(said**2) / np.sum(noise**2)) > (33 if level > 1000 else 25)


def test_silence_is_silent() -> None:
    for name in ("PCMA", "PCMU", "G722"):
        codec = coder(SUPPORTED[name])
        assert np.abs(codec.decode(codec.encode(np.zeros(320, np.int16)))).max() <= 64, "a hiss below -54 dB"


def test_g722_equals_an_independent_implementation() -> None:
    """The vectors were made with the C implementation of PyPI's `G722`: noise, tones, clipping and silence."""
    vectors = np.load(DATA / "g722.npz")
    assert G722().encode(vectors["said"]) == vectors["coded"].tobytes()
    assert np.array_equal(G722().decode(vectors["coded"].tobytes()), vectors["heard"])


def test_g722_in_packets_equals_g722_at_once() -> None:
    vectors = np.load(DATA / "g722.npz")
    data, decoder, encoder = vectors["coded"].tobytes(), G722(), G722()
    parts = [decoder.decode(data[start : start + 160]) for start in range(0, len(data), 160)]
    assert np.array_equal(np.concatenate(parts), vectors["heard"])
    coded = [encoder.encode(vectors["said"][start : start + 320]) for start in range(0, len(vectors["said"]), 320)]
    assert b"".join(coded) == data


def test_codecs_are_known_by_name_in_any_case() -> None:
    assert is_supported("pcma")
    assert is_supported("G722", 8000)
    assert not is_supported("G722", 16000), "its RTP clock is 8000 by an old mistake, RFC 3551 section 4.5.2"
    assert not is_supported("opus", 48000)
    assert sample_rate(Codec(109, "g722")) == 16000
