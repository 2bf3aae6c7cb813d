"""MFCC as vosk computes them from conf/mfcc.conf, and Kaldi's online mean normalisation."""

from __future__ import annotations

import kaldi_native_fbank
import numpy as np

RATE = 8000
DIMENSION = 40
FRAME_SHIFT_MS = 10
STRIDE = 3
"""The network sees every third frame (--frame-subsampling-factor)."""
MFCC_CONF = {
    "use-energy": "false",
    "num-mel-bins": str(DIMENSION),
    "num-ceps": str(DIMENSION),
    "low-freq": "20",
    "high-freq": "3800",
    "sample-frequency": str(RATE),
    "dither": "0",
}
_WINDOW = 600
_GLOBAL_FRAMES = 200
"""Kaldi's OnlineCmvnOptions: a window of six seconds, and the global mean counted as two while it fills."""


def _options() -> kaldi_native_fbank.MfccOptions:
    options = kaldi_native_fbank.MfccOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = DIMENSION
    options.num_ceps = DIMENSION
    options.mel_opts.low_freq = 20
    options.mel_opts.high_freq = 3800
    options.use_energy = False
    return options


def mfcc(samples: np.ndarray) -> np.ndarray:
    """Frames by coefficients of 8 kHz samples at 16-bit scale; no frame for less than a window."""
    extractor = kaldi_native_fbank.OnlineMfcc(_options())
    extractor.accept_waveform(RATE, samples.astype(np.float32).tolist())
    extractor.input_finished()
    frames = [extractor.get_frame(number) for number in range(extractor.num_frames_ready)]
    return np.array(frames, np.float32).reshape(len(frames), DIMENSION)


def normalised(frames: np.ndarray, global_mean: np.ndarray) -> np.ndarray:
    """Each frame less the mean of the window that ends with it, as Kaldi's OnlineCmvn does from a call's start."""
    sums = np.cumsum(frames, axis=0, dtype=np.float64)
    window = sums.copy()
    window[_WINDOW:] -= sums[:-_WINDOW]
    count = np.minimum(np.arange(1, len(frames) + 1), _WINDOW)
    borrowed = np.minimum(_WINDOW - count, _GLOBAL_FRAMES)
    mean = (window + borrowed[:, None] * global_mean) / (count + borrowed)[:, None]
    return (frames - mean).astype(np.float32)
