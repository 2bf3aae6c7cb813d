"""From the general trigram, templates and hand-written sentences to one pruned trigram with its readings."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from training.language.domain import SentenceCounts
from training.language.general_trigram import GeneralTrigram
from training.language.lexicon import Reading, build_lexicon
from training.language.mixture import Shares, domain_trigram, mixed, restricted
from training.language.ngrams import BackOffTrigram
from training.language.numbers import DIGITS
from training.language.places import read_places
from training.language.pruning import pruned
from training.language.templates import Templates
from training.language.vocabulary import Segmenter, choose_vocabulary

TEXT = Path(__file__).parent.parent / "text"
_NOT_WORDS = re.compile("[^\u4e00-\u9fffA-Z]+")


@dataclass(frozen=True)
class LanguageRecipe:
    """Sizes and weights of the language model."""

    vocabulary: int = 40_000
    drawn_calls: int = 100_000
    written_weight: float = 40.0
    pairs_of_written: int = 2_000
    ngrams: int = 300_000
    shares: Shares = field(default_factory=Shares)
    seed: int = 7


@dataclass(frozen=True)
class Language:
    """A pruned trigram, its vocabulary (without sentence marks) and how each word is read."""

    model: BackOffTrigram
    vocabulary: list[str]
    lexicon: dict[str, dict[Reading, float]]


def written_sentences(folder: Path = TEXT) -> list[str]:
    """The hand-written sentences, one a line in said_*.txt, with their punctuation; `#` begins a remark."""
    lines = [line.strip() for path in sorted(folder.glob("said_*.txt")) for line in path.open(encoding="utf-8")]
    return list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def clauses(sentence: str) -> list[str]:
    """The whole sentence without punctuation, then its clauses if there are several."""
    parts = [part for part in _NOT_WORDS.split(sentence) if part]
    return ["".join(parts), *parts] if len(parts) > 1 else parts


def name_characters(folder: Path = TEXT) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """One-character surnames and the characters of given names."""
    lists = tomllib.loads((folder / "slots.toml").read_text(encoding="utf-8"))
    surnames = [surname for surname in lists["surname"].split() if len(surname) == 1]
    return tuple(dict.fromkeys(surnames)), tuple(dict.fromkeys(lists["given"].split()))


def own_words(folder: Path = TEXT) -> list[str]:
    """Places and the words of template slots: what must stay whole and be in the vocabulary."""
    lists = tomllib.loads((folder / "slots.toml").read_text(encoding="utf-8"))
    listed = [word for words in lists.values() for word in words.split() if len(word) <= 5]
    names = [_NOT_WORDS.sub("", name) for name in read_places().names()]
    return list(dict.fromkeys([*names, *listed]))


def build_language(general: GeneralTrigram, recipe: LanguageRecipe, folder: Path = TEXT) -> Language:
    """The same inputs give the same model, number for number."""
    own = own_words(folder)
    vocabulary = choose_vocabulary(general, recipe.vocabulary, own)
    numbers = {word: number for number, word in enumerate(vocabulary)}
    size = len(vocabulary) + 2
    base = restricted(general, numbers, size)
    counts = SentenceCounts(size, Segmenter(vocabulary, base.p1, own))
    _count_sentences(counts, recipe, folder)
    surnames, given = name_characters(folder)
    free = {*DIGITS, *"幺百千万十两", *surnames, *given}
    domain = domain_trigram(counts, base, [numbers[w] for w in sorted(free) if w in numbers], recipe.shares)
    model = pruned(mixed(base, domain, recipe.shares), recipe.ngrams)
    frequencies = dict(zip(general.words, general.p1.tolist(), strict=True))
    return Language(model, vocabulary, build_lexicon(vocabulary, frequencies))


def _count_sentences(counts: SentenceCounts, recipe: LanguageRecipe, folder: Path) -> None:
    templates = Templates(read_places(), recipe.seed, folder)
    for _ in range(recipe.drawn_calls):
        call = templates.call()
        counts.add(["".join(call), *call] if len(call) > 1 else call, 1.0)
    written = [clauses(sentence) for sentence in written_sentences(folder)]
    for said in written:
        counts.add(said, recipe.written_weight)
    draw = random.Random(recipe.seed)
    for _ in range(recipe.pairs_of_written if written else 0):
        counts.add([draw.choice(written)[0] + draw.choice(written)[0]], recipe.written_weight / 15)
