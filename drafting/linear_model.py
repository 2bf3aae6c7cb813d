"""A linear model on character n-grams: weights read from npz, scored with numpy alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drafting.pinyin import sounds

LONGEST = 3
LONGEST_TEXT = 1500
"Characters of a call that are read for its category: a longer story says no more of what it is about."


def features(text: str) -> Iterable[str]:
    """Yield character n-grams of 1 to 3 and syllable pairs, which survive homophones."""
    words = "".join(character for character in text[:LONGEST_TEXT] if character.isalnum())
    for size in range(1, LONGEST + 1):
        for start in range(len(words) - size + 1):
            yield words[start : start + size]
    heard = sounds(words)
    for one, other in pairwise(heard):
        yield f"{one} {other}"


@dataclass(frozen=True, eq=False)
class LinearModel:
    """Labels, a vocabulary with idf, and a weight for every feature and label."""

    labels: tuple[str, ...]
    vocabulary: dict[str, int]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    about: dict[str, str | float | int]

    def probabilities(self, text: str) -> dict[str, float]:
        """Return a probability for every label."""
        counts: Counter[int] = Counter()
        for words in text.split("\n"):
            counts.update(self._counted(words))
        scores = self.bias.copy()
        if counts:
            places = np.fromiter(counts, dtype=np.intp)
            values = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32))) * self.idf[places]
            values /= np.linalg.norm(values)
            scores = scores + values @ self.weights[places]
        odds = np.exp(scores - scores.max())
        odds /= odds.sum()
        return dict(zip(self.labels, odds.tolist(), strict=True))

    @cached_property
    def _counted(self) -> Callable[[str], Counter[int]]:
        """Count the known features of an utterance; those of a call's earlier utterances are remembered."""

        @lru_cache(maxsize=2048)
        def counted(words: str) -> Counter[int]:
            return Counter(place for feature in features(words) if (place := self.vocabulary.get(feature)) is not None)

        return counted

    def save(self, path: Path) -> None:
        """Write the model as npz: 8-bit weights, no pickles."""
        scale = float(np.abs(self.weights).max()) / 127 or 1.0
        names = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        with path.open("wb") as stream:
            np.savez_compressed(
                stream,
                weights=np.round(self.weights / scale).astype(np.int8),
                scale=np.float32(scale),
                bias=self.bias,
                idf=self.idf.astype(np.float16),
                names=np.frombuffer(
                    json.dumps([self.labels, names, self.about], ensure_ascii=False).encode(), np.uint8
                ),
            )


def model_at(path: Path) -> LinearModel | None:
    """Return the model in a file, read anew when the file has changed, or None where there is no file."""
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=8)
def _read(path: Path, _stamp: int) -> LinearModel:
    with np.load(path, allow_pickle=False) as stored:
        labels, names, about = json.loads(bytes(stored["names"]).decode())
        return LinearModel(
            labels=tuple(labels),
            vocabulary={name: place for place, name in enumerate(names)},
            idf=stored["idf"].astype(np.float32),
            weights=stored["weights"].astype(np.float32) * stored["scale"],
            bias=stored["bias"].astype(np.float32),
            about=about,
        )
