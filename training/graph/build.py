"""The graph folder of a vosk model: HCLG.fst, words.txt and phones/word_boundary.int."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from training.graph.decoding import compose, decoding_graph, stay_by_position
from training.graph.fst_file import write_const
from training.graph.grammar import Loops, grammar
from training.graph.lexicon_fst import entries, lexicon_fst
from training.graph.symbols import Symbols
from training.language.build import Language
from training.phones import PhoneSet


def build_graph(language: Language, phones: PhoneSet, stay: Sequence[float], loops: Loops, folder: Path) -> None:
    """Write the graph of a language for a network's phones; `stay` is each phone's self-loop chance, silence first.

    The same inputs give the same bytes.
    """
    symbols = Symbols(language.vocabulary, phones)
    acceptor = grammar(language.model, symbols, loops)
    lexicon = lexicon_fst(entries(language.lexicon, symbols), symbols)
    graph = decoding_graph(compose(lexicon, acceptor), symbols.phone_count, stay_by_position(stay))
    (folder / "phones").mkdir(parents=True, exist_ok=True)
    write_const(graph, folder / "HCLG.fst")
    words = "".join(f"{word} {number}\n" for number, word in enumerate(symbols.words))
    (folder / "words.txt").write_text(words, encoding="utf-8")
    (folder / "phones" / "word_boundary.int").write_text(symbols.word_boundaries(), encoding="utf-8")
