"""Mandarin by eSpeak NG with exact phone times, in pinyin phones.

eSpeak names its own phones; a syllable of pinyin is found in them by its shape: an initial, a glide, the one vowel that
carries the tone, and n or ng. What it says is what is labelled, its own readings of characters included; sentences
whose shape does not fit their pinyin are left out.
"""

# ruff: noqa: SIM905
from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from training.language.lexicon import syllables_of
from training.phones import PhoneSet, split_syllable
from training.speech.espeak import Espeak, Manner
from training.speech.utterance import Timed, Utterance

VARIANTS = (
    "  +m1 +m2 +m3 +m4 +m6 +m7 +m8 +f1 +f2 +f3 +f5 +Alex +Andrea +Andy +Annie +Denis +Diogo +Gene +Henrique +Hugo "
    "+Jacky +Lee +Marco +Mario +Reed +Storm +adam +anika +announcer +antonio +aunty +belinda +benjamin +boris +caleb "
    "+david +ed +edward +grandma +grandpa +john +klatt +klatt2 +klatt3 +marcelo +michel +miguel +norbert +paul +pedro "
    "+quincy +rob +robert +sandro +shelby +travis +victor +zac"
).split(" ")
"""Voice variants trained on; `espeak.UNHEARD_VARIANTS` are none of these."""
_TONES = {"55": "1", "35": "2", "214": "3", "51": "4", "11": "5"}
_TONED = re.compile("^(.*?)(214|55|35|51|11)$")
_INITIALS = dict(
    zip(
        "b p m f d t n l g k h j q x zh ch sh r z c s".split(),
        "p ph m f t th n l k kh X tS; tS;h S; ts. ts.h s. z. ts tsh s".split(),
        strict=True,
    )
)
"""What eSpeak calls each initial; another name means that it reads the character otherwise."""
_CODAS = {"n", "N"}
_BEGINS_EARLIER_MS = 30.0
"""Stop consonants are heard this long before their event."""


@dataclass(frozen=True)
class _Sound:
    name: str
    tone: str
    time: float


class Speaker:
    """Says text and tells when each pinyin phone begins."""

    def __init__(self, phones: PhoneSet) -> None:
        self._espeak = Espeak()
        self._phones = phones

    def say(self, text: str, manner: Manner) -> Utterance | None:
        """The utterance, or None when eSpeak reads the text in a shape that is not its pinyin's."""
        samples, events = self._espeak.say(text, manner)
        sounds = self._toned(text, events)
        if sounds is None or len(samples) == 0:
            return None
        timed = self._spelled(syllables_of(re.sub("[^\u4e00-\u9fff]", "", text)), sounds)
        if timed is None:
            return None
        end = 1000 * len(samples) / self._espeak.sample_rate
        return Utterance(samples.astype(np.float64), self._espeak.sample_rate, (*timed, (None, end)))

    def _toned(self, text: str, events: list[tuple[str, int]]) -> list[_Sound] | None:
        """Events with the tones of the written phonemes; pauses are sounds without a name."""
        written = re.split(r"[_|\s]+", re.sub("[',]", "", self._espeak.phonemes(text)))
        tones = [match.groups() if (match := _TONED.match(name)) else (name, "") for name in written if name]
        sounds: list[_Sound] = []
        place = 0
        for raw, time in events:
            name = re.sub("[',]", "", raw)
            if name.startswith("_"):
                if name != "_|":
                    sounds.append(_Sound("", "", time))
                continue
            if place >= len(tones) or tones[place][0] != name:
                return None
            sounds.append(_Sound(name, _TONES.get(tones[place][1], ""), time))
            place += 1
        return sounds if place == len(tones) else None

    def _spelled(self, syllables: list[str], sounds: list[_Sound]) -> list[Timed] | None:
        timed: list[Timed] = []
        place = 0
        for syllable in syllables:
            while place < len(sounds) and not sounds[place].name:
                timed.append((None, sounds[place].time))
                place += 1
            taken = _syllable_sounds(syllable, sounds[place:])
            if taken is None:
                return None
            vowel = next(sound for sound in taken if sound.tone)
            spelled = split_syllable(syllable[:-1] + vowel.tone)
            if spelled is None or any(phone not in self._phones.index for phone in spelled):
                return None
            begins = taken[0].time - (_BEGINS_EARLIER_MS if len(spelled) == 2 and timed else 0.0)
            timed.append((spelled[0], max(begins, timed[-1][1] + 10 if timed else 0.0)))
            if len(spelled) == 2:
                timed.append((spelled[1], max(taken[1].time, timed[-1][1] + 10)))
            place += len(taken)
        return timed if place >= len([s for s in sounds if s.name]) else None


def _syllable_sounds(syllable: str, sounds: list[_Sound]) -> list[_Sound] | None:
    """The sounds at the head of a list that make one syllable."""
    spelled = split_syllable(syllable)
    if spelled is None:
        return None
    place = 0
    if len(spelled) == 2:
        if not sounds or sounds[0].name != _INITIALS[spelled[0]]:
            return None
        place = 1
    while place < len(sounds) and sounds[place].name and not sounds[place].tone and place < len(spelled) + 1:
        place += 1
    if place >= len(sounds) or not sounds[place].tone:
        return None
    place += 1
    nasal = spelled[-1].rstrip("12345").endswith(("n", "ng"))
    if nasal and place < len(sounds) and sounds[place].name in _CODAS:
        place += 1
    return sounds[:place]
