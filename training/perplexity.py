"""Perplexity of a built language model, per character, over texts cut at everything that is not Chinese.

python -m training.perplexity LANGUAGE_PICKLE TEXT...     a .csv with a `text` column, or a sentence a line
"""

from __future__ import annotations

import argparse
import csv
import math
import pickle
import re
from pathlib import Path

from training.language.build import Language
from training.language.general_trigram import LONGEST_WORD, SHIFT

_NOT_CHINESE = re.compile("[^\u4e00-\u9fff]+")
_UNKNOWN = -14.0
_STATES = 8
"""Best histories kept at every character: the best segmentation is searched, not all of them summed."""


class Scorer:
    """Log probabilities of clauses."""

    def __init__(self, language: Language) -> None:
        model = language.model
        self._numbers = {word: number for number, word in enumerate(language.vocabulary)}
        self._start, self._end = model.start, model.end
        self._p1 = [math.log(max(p, 1e-12)) for p in model.p1.tolist()]
        self._back1 = [math.log(weight) for weight in model.back_off1.tolist()]
        self._p2 = {key: math.log(p) for key, p in zip(model.keys2.tolist(), model.p2.tolist(), strict=True)}
        self._p3 = {key: math.log(p) for key, p in zip(model.keys3.tolist(), model.p3.tolist(), strict=True)}
        histories = zip(model.histories.tolist(), model.back_off2.tolist(), strict=True)
        self._back2 = {history: math.log(weight) for history, weight in histories}

    def _word(self, u: int, v: int, w: int) -> float:
        history = u << SHIFT | v
        known = self._p3.get(history << SHIFT | w) if u >= 0 else None
        if known is not None:
            return known
        pair = self._p2.get(v << SHIFT | w)
        if pair is None:
            pair = self._back1[v] + self._p1[w]
        return pair + (self._back2.get(history, 0.0) if u >= 0 else 0.0)

    def clause(self, text: str) -> float:
        """The log probability of the likeliest cut of a clause, its end included."""
        found: list[dict[tuple[int, int], float]] = [{} for _ in range(len(text) + 1)]
        found[0][(-1, self._start)] = 0.0
        for begin in range(len(text)):
            best = sorted(found[begin].items(), key=lambda item: -item[1])[:_STATES]
            for end in range(begin + 1, min(begin + LONGEST_WORD, len(text)) + 1):
                word = self._numbers.get(text[begin:end])
                for (u, v), score in best:
                    if word is not None:
                        _keep(found[end], (v, word), score + self._word(u, v, word))
                    elif end == begin + 1:
                        _keep(found[end], (u, v), score + _UNKNOWN)
        return max(score + self._word(u, v, self._end) for (u, v), score in found[-1].items())


def _keep(found: dict[tuple[int, int], float], history: tuple[int, int], score: float) -> None:
    if score > found.get(history, -1e9):
        found[history] = score


def clauses_of(path: Path) -> list[str]:
    """Clauses of two characters or more."""
    with path.open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)] if path.suffix == ".csv" else file.readlines()
    return [clause for text in texts for clause in _NOT_CHINESE.split(text) if len(clause) > 1]


def main() -> None:
    """Print the perplexity of every text."""
    parser = argparse.ArgumentParser(prog="python -m training.perplexity")
    parser.add_argument("language", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    chosen = parser.parse_args()
    scorer = Scorer(pickle.loads(chosen.language.read_bytes()))
    for path in chosen.texts:
        clauses = clauses_of(path)
        characters = sum(len(clause) + 1 for clause in clauses)
        log_probability = sum(scorer.clause(clause) for clause in clauses)
        print(f"{path.stem}: {math.exp(-log_probability / characters):.1f} a character, n {len(clauses)} clauses")


if __name__ == "__main__":
    main()
