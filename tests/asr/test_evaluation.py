"""Characters are counted as the field counts them, and a corpus that is written can be read and measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from asr.corpus import CorpusUnusable, CorpusWriter, read_corpus
from asr.evaluation import Evaluation, character_errors, evaluate, spoken_characters
from asr.recogniser import Recogniser
from tests.asr.conftest import PAUSE, SENTENCES


def test_substitutions_deletions_and_insertions_are_told_apart() -> None:
    evaluation = Evaluation()
    evaluation.add("一二三四", [("一二", 0.9), ("散四", 0.5)])
    evaluation.add("一二三四", [("一三四", 0.9)])
    evaluation.add("一二", [("一", 0.9), ("嗯", 0.2), ("二", 0.8)])
    evaluation.add("好", [("好", 1.0)])
    assert (evaluation.substitutions, evaluation.deletions, evaluation.insertions) == (1, 1, 1)
    assert evaluation.character_error_rate == pytest.approx(3 / 11)
    assert (evaluation.recordings, evaluation.whole) == (4, 1)
    assert (0.5, False) in evaluation.observed
    assert (0.2, False) in evaluation.observed
    assert sum(right for _, right in evaluation.observed) == 9


def test_what_cannot_be_heard_does_not_count() -> None:
    assert spoken_characters("您好，ＯＫ！ 12 楼。") == "您好ok12楼"
    assert character_errors("您好，我姓王", "您好!我姓汪。") == (1, 5)


def test_a_written_corpus_is_read_and_measured(recogniser: Recogniser, sentences: list[bytes], tmp_path: Path) -> None:
    call = PAUSE + sentences[0] + PAUSE + sentences[1]
    begin, length = len(PAUSE) / 16000, len(sentences[0]) / 16000
    writer = CorpusWriter(tmp_path / "corpus", source="calls of a city", licence="the city's own")
    writer.add(call, 8000, begin, begin + length, f"{SENTENCES[0]}。\t", "caller-1")
    writer.add(call, 8000, 2 * begin + length, len(call) / 16000, SENTENCES[1], "caller-2")
    writer.add(call, 8000, 1000.0, 1001.0, "nothing there", "caller-3")
    samples = read_corpus(tmp_path / "corpus")
    assert [sample.transcript for sample in samples] == [f"{SENTENCES[0]}。", SENTENCES[1]]
    told: list[tuple[int, int]] = []
    evaluation = evaluate(recogniser, samples, lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
    assert evaluation.character_error_rate == 0.0
    assert evaluation.audio_seconds == pytest.approx(writer.seconds)
    assert 0.0 < evaluation.real_time_factor < 1.0
    with pytest.raises(FileExistsError):
        CorpusWriter(tmp_path / "corpus", "", "")


def test_a_folder_that_is_no_corpus_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CorpusUnusable, match=r"no index\.tsv"):
        read_corpus(tmp_path)
    (tmp_path / "index.tsv").write_text("name\ttext\na\tb\n", encoding="utf-8")
    with pytest.raises(CorpusUnusable, match="no columns"):
        read_corpus(tmp_path)
