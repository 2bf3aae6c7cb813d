"""What lies between a mouth and the recogniser: room, telephone band, noise, lost packets, G.711."""

from __future__ import annotations

import numpy as np
import scipy.signal

from training.speech.features import RATE
from training.speech.g711 import through_a_law, through_mu_law

_PACKET = RATE // 50
_LEVELS_DB = (-38.0, -14.0)


def coloured_noise(count: int, slope: float, draw: np.random.Generator) -> np.ndarray:
    """Noise of unit power whose spectrum falls with frequency to the power `slope`."""
    frequencies = np.fft.rfftfreq(count, 1 / RATE)
    spectrum = draw.standard_normal(len(frequencies)) + 1j * draw.standard_normal(len(frequencies))
    noise = np.fft.irfft(spectrum / np.maximum(frequencies, 60.0) ** slope, count)
    return noise / (np.std(noise) + 1e-9)


class Line:
    """Sends speech through lines that differ every time; remembers some of it as others' babble."""

    def __init__(self, draw: np.random.Generator) -> None:
        self._draw = draw
        self._babble: list[np.ndarray] = []

    def send(self, samples: np.ndarray) -> np.ndarray:
        """8 kHz samples as they arrive, 16-bit scale."""
        draw = self._draw
        sent = samples
        if draw.random() < 0.3:
            sent = self._in_a_room(sent)
        if draw.random() < 0.5:
            sent = self._in_a_band(sent)
        if draw.random() < 0.3:
            sent = scipy.signal.lfilter([1, -draw.uniform(-0.5, 0.5)], [1], sent)
        level = 10 ** (draw.uniform(*_LEVELS_DB) / 20) * 32768
        sent = sent * level / (np.sqrt(np.mean(sent**2)) + 1e-6)
        if draw.random() < 0.85:
            ratio = draw.uniform(3, 30) if draw.random() < 0.5 else draw.uniform(15, 50)
            noise = self._noise(len(sent))
            self._remember(sent)
            sent = sent + noise * level * 10 ** (-ratio / 20)
        if draw.random() < 0.08:
            self._lose_packets(sent)
        return self._coded(np.clip(sent, -32768, 32767))

    def _in_a_room(self, samples: np.ndarray) -> np.ndarray:
        length = int(self._draw.uniform(0.02, 0.25) * RATE)
        echo = np.exp(-np.arange(length) / (length / 5)) * self._draw.standard_normal(length)
        echo *= self._draw.uniform(0.02, 0.2)
        echo[0] = 1
        return scipy.signal.fftconvolve(samples, echo)[: len(samples)]

    def _in_a_band(self, samples: np.ndarray) -> np.ndarray:
        band = [self._draw.uniform(80, 380) / (RATE / 2), self._draw.uniform(2900, 3850) / (RATE / 2)]
        order = int(self._draw.integers(1, 4))
        return scipy.signal.sosfilt(scipy.signal.butter(order, band, "band", output="sos"), samples)

    def _noise(self, count: int) -> np.ndarray:
        kind = self._draw.random()
        if kind < 0.3 and len(self._babble) > 8:
            voices = self._draw.integers(0, len(self._babble), int(self._draw.integers(2, 7)))
            mixed = sum(np.resize(np.roll(self._babble[voice], int(voice) * 977), count) for voice in voices)
            return mixed / (np.std(mixed) + 1e-9)
        if kind < 0.4:
            time = np.arange(count) / RATE
            hum = sum(self._draw.uniform(0, 1) * np.sin(2 * np.pi * 50 * k * time) for k in range(1, 6))
            return hum / (np.std(hum) + 1e-9) + 0.2 * coloured_noise(count, 0.5, self._draw)
        noise = coloured_noise(count, self._draw.uniform(0, 1.2), self._draw)
        if kind < 0.55:
            swell = np.abs(scipy.signal.lfilter([0.002], [1, -0.998], self._draw.standard_normal(count)))
            noise = noise * (0.3 + 60 * swell)
        return noise / (np.std(noise) + 1e-9)

    def _remember(self, samples: np.ndarray) -> None:
        voice = (samples / (np.std(samples) + 1e-9)).astype(np.float32)
        if len(self._babble) < 60:
            self._babble.append(voice)
        elif self._draw.random() < 0.05:
            self._babble[int(self._draw.integers(60))] = voice

    def _lose_packets(self, samples: np.ndarray) -> None:
        for _ in range(int(self._draw.integers(1, 5))):
            start = int(self._draw.integers(0, max(1, len(samples) - _PACKET)))
            samples[start : start + _PACKET] = 0

    def _coded(self, samples: np.ndarray) -> np.ndarray:
        choice = self._draw.random()
        if choice < 0.5:
            samples = through_a_law(samples)
        elif choice < 0.8:
            samples = through_mu_law(samples)
        return np.round(samples)
