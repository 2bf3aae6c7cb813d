"""eSpeak NG through its C library: speech with the exact time of every phoneme.

The library keeps global state and some of its voice variants crash it at low pitch, so make speech in a process of its
own and keep the pitch at 25 or above. Debian's espeak-ng 1.51 reads Mandarin with English phonemes: espeakng-loader
brings 1.52, which does not.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import espeakng_loader
import numpy as np

UNHEARD_VARIANTS = ("+m5", "+f4", "+Alicia", "+Michael", "+linda", "+steph2", "+max", "+pablo")
"""Never trained on: measuring uses these."""
LEAST_PITCH = 25
_SYNCHRONOUS, _PHONEME_EVENTS, _UTF8 = 2, 1, 1
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_PHONEME, _END = 7, 0
_IPA_OFF_SEPARATED_BY_UNDERSCORE = ord("_") << 8


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True)
class Manner:
    """Who speaks and how: a variant of the voice, words a minute, pitch and its range (0 to 100)."""

    variant: str = ""
    rate: int = 175
    pitch: int = 50
    pitch_range: int = 50


class Espeak:
    """The one synthesiser of this process."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.sample_rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, _PHONEME_EVENTS)
        if self.sample_rate <= 0:
            raise RuntimeError("espeak-ng could not start: its data was not found")
        self._samples: list[np.ndarray] = []
        self._phonemes: list[tuple[str, int]] = []
        self._callback = _Callback(self._collect)
        self._library.espeak_SetSynthCallback(self._callback)
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._library.espeak_SetVoiceByName(b"cmn")

    def say(self, text: str, manner: Manner) -> tuple[np.ndarray, list[tuple[str, int]]]:
        """Samples at `sample_rate`, and every phoneme's name with the millisecond it begins."""
        self._library.espeak_SetVoiceByName(("cmn" + manner.variant).encode())
        pitch = max(manner.pitch, LEAST_PITCH)
        for parameter, value in ((_RATE, manner.rate), (_PITCH, pitch), (_RANGE, manner.pitch_range)):
            self._library.espeak_SetParameter(parameter, value, 0)
        self._samples, self._phonemes = [], []
        spoken = text.encode()
        self._library.espeak_Synth(spoken, len(spoken) + 1, 0, 1, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        samples = np.concatenate(self._samples) if self._samples else np.zeros(0, np.int16)
        return samples, self._phonemes

    def phonemes(self, text: str) -> str:
        """The phonemes of a text as espeak writes them, with tones, separated by underscores."""
        buffer = ctypes.create_string_buffer(text.encode())
        place = ctypes.c_void_p(ctypes.addressof(buffer))
        clauses = []
        while place.value:
            clauses.append(
                self._library.espeak_TextToPhonemes(
                    ctypes.byref(place), _UTF8, _IPA_OFF_SEPARATED_BY_UNDERSCORE
                ).decode()
            )
        return " ".join(clauses)

    def _collect(self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]) -> int:
        if count > 0 and samples:
            self._samples.append(np.ctypeslib.as_array(samples, (count,)).copy())
        number = 0
        while events[number].type != _END:
            event = events[number]
            if event.type == _PHONEME:
                name = bytes(event.id.string).split(b"\0")[0].decode("utf-8", "replace")
                self._phonemes.append((name, event.audio_position))
            number += 1
        return 0
