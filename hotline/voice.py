"""The machine voice: espeak-ng from the espeakng-loader wheel, called through ctypes (speak_lib.h).

Prompts and the demo caller speak with it. Debian's older espeak-ng reads Mandarin with English phonemes: not used.
"""

from __future__ import annotations

import ctypes
import threading
from typing import Any

import espeakng_loader
import numpy as np
import soxr

VOICES = {"zh": "cmn", "en": "en-us"}
AUDIO_OUTPUT_SYNCHRONOUS = 2
CHARACTERS_UTF8 = 1
RATE, PITCH = 1, 3
PARAMETERS = {"zh": {RATE: 160, PITCH: 50}, "en": {RATE: 150, PITCH: 50}}
"Words a minute and pitch (0 to 100) that are easiest to follow through a telephone's band."

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_lock = threading.Lock()  # espeak-ng keeps one voice and one buffer for the whole process


class VoiceUnavailable(Exception):
    """The machine voice cannot speak; the sentence says why."""


class _Espeak:
    """The library, initialised once: it cannot be initialised twice in one process."""

    def __init__(self) -> None:
        self.library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.sample_rate = int(self.library.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, data, 0))
        if self.sample_rate <= 0:
            raise VoiceUnavailable("espeak-ng could not be initialised")
        self.pieces: list[np.ndarray[Any, np.dtype[np.int16]]] = []
        self._callback = _Callback(self._take)  # kept: ctypes frees a callback nobody holds
        self.library.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: Any, count: int, _events: Any) -> int:
        if count > 0 and samples:
            self.pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    def speak(self, text: str, language: str) -> np.ndarray[Any, np.dtype[np.int16]]:
        if self.library.espeak_SetVoiceByName(VOICES[language].encode()) != 0:
            raise VoiceUnavailable(f"espeak-ng has no voice {VOICES[language]}")
        for parameter, value in PARAMETERS[language].items():
            self.library.espeak_SetParameter(parameter, value, 0)
        self.pieces.clear()
        data = text.encode()
        if self.library.espeak_Synth(data, len(data) + 1, 0, 1, 0, CHARACTERS_UTF8, None, None) != 0:
            raise VoiceUnavailable("espeak-ng could not speak the text")
        self.library.espeak_Synchronize()
        return np.concatenate(self.pieces) if self.pieces else np.zeros(0, np.int16)


_espeak: _Espeak | None = None


def say(text: str, sample_rate: int = 8000, language: str = "zh") -> bytes:
    """Return the text spoken as 16-bit little-endian mono PCM; raises `VoiceUnavailable`."""
    global _espeak  # noqa: PLW0603 - the C library is a singleton of the process
    with _lock:
        try:
            _espeak = _espeak or _Espeak()
        except OSError as error:
            raise VoiceUnavailable(f"espeak-ng could not be loaded: {error}") from error
        samples = _espeak.speak(text, language)
        if sample_rate != _espeak.sample_rate and samples.size:
            samples = soxr.resample(samples, _espeak.sample_rate, sample_rate)
    return bytes(np.clip(samples, -32768, 32767).astype("<i2").tobytes())
