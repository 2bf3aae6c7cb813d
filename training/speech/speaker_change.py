"""One voice made into many: resampling, and a spectral envelope moved apart from pitch and tempo."""

from __future__ import annotations

import numpy as np
import soxr

from training.speech.features import RATE
from training.speech.utterance import Utterance

_SIZE, _HOP = 512, 128
_WINDOW = np.hanning(_SIZE + 1)[:-1]
_ENVELOPE = 40
"""Cepstra below this are the vocal tract, those above the voice."""


def changed(utterance: Utterance, draw: np.random.Generator) -> Utterance:
    """The utterance at 8 kHz by another speaker: one in seven as it was, the rest resampled or warped."""
    choice = draw.random()
    if choice < 0.15:
        return utterance.stretched(soxr.resample(utterance.samples, utterance.rate, RATE), RATE, 1.0)
    if choice < 0.5:
        factor = draw.uniform(0.82, 1.2)
        return _resampled(utterance, factor)
    formants = draw.uniform(0.8, 1.16)
    pitch = float(np.clip(np.exp(1.8 * np.log(formants) + draw.normal(0, 0.13)), 0.52, 1.5))
    tempo = draw.uniform(0.85, 1.3)
    wide = soxr.resample(utterance.samples, utterance.rate, 16000)
    stretch = pitch / tempo
    warped = warp(wide, formants / pitch, stretch)
    return _resampled(utterance.stretched(warped, 16000, len(warped) / max(len(wide), 1)), pitch)


def _resampled(utterance: Utterance, factor: float) -> Utterance:
    """Faster and higher (factor above 1) or slower and lower."""
    samples = soxr.resample(utterance.samples, utterance.rate * factor, RATE)
    return utterance.stretched(samples, RATE, 1 / factor)


def warp(samples: np.ndarray, formants: float, stretch: float) -> np.ndarray:
    """Formants multiplied and time stretched at unchanged pitch, by a phase vocoder."""
    spectrum = _analysed(samples)
    magnitude, phase = np.abs(spectrum) + 1e-4, np.angle(spectrum)
    if abs(formants - 1) > 0.01:
        magnitude = magnitude * _moved_envelope(np.log(magnitude), formants)
    if abs(stretch - 1) < 0.03:
        return _synthesised(magnitude * np.exp(1j * phase), len(samples))
    times = np.arange(0, len(spectrum) - 1, 1 / stretch)
    before = times.astype(int)
    share = (times - before)[:, None]
    expected = 2 * np.pi * _HOP * np.arange(_SIZE // 2 + 1) / _SIZE
    drift = np.diff(phase, axis=0) - expected
    advance = (drift - 2 * np.pi * np.round(drift / 2 / np.pi) + expected)[before]
    phases = np.concatenate([phase[:1], phase[:1] + np.cumsum(advance[:-1], axis=0)])
    blended = magnitude[before] * (1 - share) + magnitude[before + 1] * share
    return _synthesised(blended * np.exp(1j * phases), int(len(samples) * stretch))


def _moved_envelope(logs: np.ndarray, formants: float) -> np.ndarray:
    cepstra = np.fft.irfft(logs, _SIZE, axis=1)
    cepstra[:, _ENVELOPE : _SIZE - _ENVELOPE + 1] = 0
    envelope = np.fft.rfft(cepstra, axis=1).real
    place = np.arange(_SIZE // 2 + 1) / formants
    below = np.minimum(place.astype(int), _SIZE // 2 - 1)
    share = np.minimum(place - below, 1.0)
    moved = envelope[:, below] * (1 - share) + envelope[:, below + 1] * share
    return np.exp(np.clip(moved - envelope, -5, 5))


def _analysed(samples: np.ndarray) -> np.ndarray:
    padded = np.concatenate([np.zeros(_SIZE // 2), samples, np.zeros(_SIZE)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::_HOP]
    return np.fft.rfft(frames * _WINDOW, axis=1)


def _synthesised(spectrum: np.ndarray, length: int) -> np.ndarray:
    frames = np.fft.irfft(spectrum, _SIZE, axis=1) * _WINDOW
    total = np.zeros(_HOP * (len(frames) - 1) + _SIZE)
    weight = np.zeros_like(total)
    for number, frame in enumerate(frames):
        total[number * _HOP : number * _HOP + _SIZE] += frame
        weight[number * _HOP : number * _HOP + _SIZE] += _WINDOW**2
    return (total / np.maximum(weight, 0.1))[_SIZE // 2 : _SIZE // 2 + length]
