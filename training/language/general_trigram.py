"""The general Mandarin trigram of Debian's source package libime, as arrays.

The file has no sentence starts or ends, its unigrams sum to about 0.74, and it is Kneser-Ney smoothed: its unigrams are
no marginals. Only words written in GB 2312 characters are kept; words made of digits alone (五一) are not, because a
number must stay free to be any number.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SHIFT = 20
"""Bits a word takes in a packed n-gram key: vocabularies stay below 2**20 words."""
_CHINESE = re.compile("^[\u4e00-\u9fff]+$")
_DIGITS = set("零一二三四五六七八九幺两")
LONGEST_WORD = 6
ARPA_ARCHIVE = "lm_sc.arpa-20220810.tar.xz"


@dataclass(frozen=True)
class GeneralTrigram:
    """Words with unigram probabilities; packed keys and probabilities of the pairs and triples."""

    words: list[str]
    p1: np.ndarray
    keys2: np.ndarray
    p2: np.ndarray
    keys3: np.ndarray
    p3: np.ndarray

    def save(self, path: Path) -> None:
        """Write all arrays to one file."""
        np.savez(
            path, words=np.array(self.words), p1=self.p1, keys2=self.keys2, p2=self.p2, keys3=self.keys3, p3=self.p3
        )

    @classmethod
    def load(cls, path: Path) -> GeneralTrigram:
        """Read what `save` wrote."""
        arrays = np.load(path)
        return cls(arrays["words"].tolist(), *(arrays[name] for name in ("p1", "keys2", "p2", "keys3", "p3")))


def no_general_trigram() -> GeneralTrigram:
    """A model without words, where libime's is absent: the hotline's own text then stands alone."""
    no_keys, nothing = np.zeros(0, np.int64), np.zeros(0)
    return GeneralTrigram([], nothing, no_keys, nothing, no_keys, nothing)


def is_kept(word: str) -> bool:
    """True for words of GB 2312 Chinese characters that are no bare numbers."""
    if not _CHINESE.match(word) or len(word) > LONGEST_WORD:
        return False
    if len(word) > 1 and set(word) <= _DIGITS:
        return False
    try:
        word.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def read_arpa(path: Path) -> GeneralTrigram:
    """Read an ARPA file of order three, keeping n-grams whose words are all kept."""
    words: list[str] = []
    numbers: dict[str, int] = {}
    p1: list[float] = []
    keys: dict[int, list[int]] = {2: [], 3: []}
    logs: dict[int, list[float]] = {2: [], 3: []}
    for order, log_probability, ngram in _ngrams(path):
        if order == 1:
            if is_kept(ngram[0]):
                numbers[ngram[0]] = len(words)
                words.append(ngram[0])
                p1.append(log_probability)
            continue
        key = 0
        for word in ngram:
            number = numbers.get(word, -1)
            if number < 0:
                break
            key = key << SHIFT | number
        else:
            keys[order].append(key)
            logs[order].append(log_probability)
    packed = {order: np.array(keys[order], np.int64) for order in keys}
    sorting = {order: np.argsort(packed[order]) for order in keys}
    return GeneralTrigram(
        words,
        10 ** np.array(p1),
        *(part for order in (2, 3) for part in _sorted(packed[order], logs[order], sorting[order])),
    )


def _sorted(keys: np.ndarray, logs: list[float], order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return keys[order], 10 ** np.array(logs)[order]


def read_general(recordings: Path | None, work: Path) -> GeneralTrigram:
    """libime's trigram from its archive, kept as arrays in the work folder."""
    kept = work / "general.npz"
    if kept.exists():
        return GeneralTrigram.load(kept)
    archive = recordings / ARPA_ARCHIVE if recordings else None
    if archive is None or not archive.exists():
        return no_general_trigram()
    work.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as opened:
        opened.extractall(work, filter="data")
    general = read_arpa(work / "lm_sc.arpa")
    general.save(kept)
    return general


def _ngrams(path: Path) -> Iterator[tuple[int, float, list[str]]]:
    """The n-grams of an ARPA file with their orders and base-10 log probabilities."""
    order = 0
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("\\"):
                order = int(line[1]) if line[1].isdigit() else 0
            elif order and "\t" in line:
                log_probability, ngram, *_ = line.rstrip("\n").split("\t")
                yield order, float(log_probability), ngram.split(" ")
