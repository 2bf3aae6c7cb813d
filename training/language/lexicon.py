"""How every word is read: pinyin syllables with weights, from pypinyin's phrases and the use of characters in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from pypinyin import Style, pinyin

from training.language.letters import LETTERS
from training.language.sandhi import after_sandhi, before_third_tone

Reading = tuple[str, ...]
MOST_READINGS = 4
LEAST_WEIGHT = 0.04
"""Readings rarer than this beside a word's usual one cost graph size and are errors more often than speech."""
_SANDHI_WEIGHT = 0.25
"""About one word in four is followed by a third tone."""
_CARD_TONE_WEIGHT = 0.3


def syllables_of(word: str) -> list[str]:
    """Pinyin with tone numbers, 5 for the neutral tone; pypinyin reads by phrase."""
    return [reading[0].replace("ü", "v") for reading in pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)]


def character_uses(frequencies: Mapping[str, float]) -> dict[str, Counter[str]]:
    """How often each character is read each way, over all words by frequency."""
    uses: dict[str, Counter[str]] = defaultdict(Counter)
    for word, frequency in frequencies.items():
        read = syllables_of(word)
        if len(read) == len(word):
            for character, syllable in zip(word, read, strict=True):
                uses[character][syllable] += frequency
    return uses


def readings(word: str, uses: Mapping[str, Counter[str]]) -> dict[Reading, float]:
    """Readings of a word, the usual one with weight 1."""
    if word in LETTERS:
        return {LETTERS[word]: 1.0}
    found: dict[Reading, float] = {}
    if len(word) == 1:
        total = sum(uses.get(word, Counter()).values())
        for syllable, count in uses.get(word, Counter()).most_common(MOST_READINGS):
            found[(syllable,)] = count / total
        found.setdefault((syllables_of(word)[0],), LEAST_WEIGHT)
        if word in "一不":
            _add_tones(word, found)
    else:
        read = syllables_of(word)
        if len(read) == len(word):
            found[tuple(after_sandhi(word, read))] = 1.0
            found.setdefault(tuple(read), _CARD_TONE_WEIGHT)
    for reading, weight in list(found.items()):
        raised = before_third_tone(list(reading))
        if raised is not None:
            found.setdefault(tuple(raised), weight * _SANDHI_WEIGHT)
    return _best(found)


def _add_tones(word: str, found: dict[Reading, float]) -> None:
    """一 and 不 as words of their own take the tone that the next word gives them."""
    for syllable in ("yi1", "yi2", "yi4") if word == "一" else ("bu4", "bu2"):
        found[(syllable,)] = max(found.get((syllable,), 0.0), 1.0 if syllable in {"yi1", "bu4"} else 0.5)


def _best(found: Mapping[Reading, float]) -> dict[Reading, float]:
    top = max(found.values(), default=1.0)
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MOST_READINGS]
    return {reading: weight / top for reading, weight in ranked if weight / top >= LEAST_WEIGHT}


def build_lexicon(vocabulary: Iterable[str], frequencies: Mapping[str, float]) -> dict[str, dict[Reading, float]]:
    """Every word's readings; `frequencies` says how a character is mostly read."""
    uses = character_uses(frequencies)
    return {word: readings(word, uses) for word in vocabulary}
