"""Prompts made ready for the line: resampled and encoded once, however many callers hear them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from telephony.media.codecs import PTIME_TICKS, SUPPORTED, coder, sample_rate
from telephony.media.resampling import resample


@lru_cache(maxsize=64)  # a city has about 20 prompts, in up to three codecs; one is about 100 kB
def encode_prompt(pcm: bytes, rate: int, codec_name: str) -> bytes:
    """Return whole packets' worth of payload for 16-bit little-endian mono PCM."""
    codec = SUPPORTED[codec_name]
    wanted = sample_rate(codec)
    samples = resample(np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2"), rate, wanted)
    in_packet = PTIME_TICKS * wanted // codec.clock_rate
    padded = np.concatenate((samples, np.zeros(-len(samples) % in_packet, np.int16)))
    return coder(codec).encode(padded)
