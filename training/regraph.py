"""Builds a new graph for a network that is there already: new sentences, places or weights without new training.

    python -m training.regraph MODEL OUT --recordings FOLDER [--phones FILE] [--ngrams N]

`MODEL` is a model folder whose am/ and conf/ are kept. `--phones training/network/first_phones.json` is for the first
network, whose phones are not pinyin's; a network of this recipe needs `--statistics final.pt` for its self-loops.
"""

from __future__ import annotations

import argparse
import json
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

from training.graph.build import build_graph
from training.graph.grammar import Loops
from training.language.build import Language, LanguageRecipe, build_language, name_characters
from training.language.general_trigram import read_general
from training.phones import PhoneSet, pinyin_phones


def phones_and_stay(chosen: argparse.Namespace) -> tuple[PhoneSet, list[float]]:
    """The phones of the network and how likely each is to last."""
    if chosen.phones:
        return PhoneSet.read(chosen.phones), json.loads(chosen.phones.read_text(encoding="utf-8"))["stay"]
    import torch

    return pinyin_phones(), torch.load(chosen.statistics, weights_only=True)["stay"].tolist()


def main() -> None:
    """Write the model with its new graph, and language.pickle for training.perplexity."""
    parser = argparse.ArgumentParser(prog="python -m training.regraph")
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--recordings", type=Path)
    parser.add_argument("--phones", type=Path)
    parser.add_argument("--statistics", type=Path)
    parser.add_argument("--ngrams", type=int, default=LanguageRecipe().ngrams)
    chosen = parser.parse_args()
    phones, stay = phones_and_stay(chosen)
    for name in ("am", "conf"):
        shutil.copytree(chosen.model / name, chosen.out / name, dirs_exist_ok=True)
    recipe = replace(LanguageRecipe(), ngrams=chosen.ngrams)
    language: Language = build_language(read_general(chosen.recordings, chosen.out), recipe)
    (chosen.out / "language.pickle").write_bytes(pickle.dumps(language))
    build_graph(language, phones, stay, Loops(*name_characters()), chosen.out / "graph")


if __name__ == "__main__":
    main()
