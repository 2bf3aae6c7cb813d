"""Recordings found by sources.toml, and the archive of the finished model."""

from __future__ import annotations

import hashlib
import lzma
import tarfile
import tomllib
from pathlib import Path

from training.pack import card_with, pack, packed
from training.sources import find_sources, spoken_syllables


def test_every_source_names_its_licence_and_origin() -> None:
    tables = tomllib.loads(Path("training/sources.toml").read_text(encoding="utf-8"))
    for table in (*tables["text"].values(), *tables["speech"].values()):
        assert table["what"]
        assert table["where"]
        assert table["licence"]


def test_sources_that_are_absent_are_named(tmp_path: Path) -> None:
    words = tmp_path / "audio-cmn" / "64k" / "hsk"
    words.mkdir(parents=True)
    (words / "cmn-路灯.mp3").write_bytes(b"")
    (words / "cmn-_hm1.mp3").write_bytes(b"")
    found, absent = find_sources(tmp_path)
    assert [source.name for source in found] == ["audio-cmn-words"]
    assert "hsk-sentences" in absent
    assert [recording.syllables for recording in found[0].recordings()] == [("lu4", "deng1")]


def test_a_corrected_corpus_is_a_source(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "index.tsv").write_text("file\ttranscript\na.wav\t你好，路灯坏了\nb.wav\tOK\n", encoding="utf-8")
    found, _ = find_sources(tmp_path)
    assert [" ".join(r.syllables) for r in found[0].recordings()] == ["ni2 hao3 lu4 deng1 huai4 le5"]


def test_syllables_and_text_are_told_apart() -> None:
    assert spoken_syllables("zhong1") == ("zhong1",)
    assert spoken_syllables("le") == ("le5",)
    assert spoken_syllables("听T恤") == ()


def test_a_model_packs_to_the_same_bytes_with_its_checksum_in_the_card(tmp_path: Path) -> None:
    model = tmp_path / "m"
    for name in ("am/final.mdl", "conf/mfcc.conf", "graph/HCLG.fst"):
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_bytes(name.encode())
    assert packed(model) == packed(model)
    archive = tmp_path / "model.tar.xz"
    (tmp_path / "model.toml").write_text('sha256 = ""\nsize_bytes = 0\nunpacked_bytes = 0\nkept = "x"\n')
    checksum = pack(model, archive)
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == checksum
    card = tomllib.loads((tmp_path / "model.toml").read_text())
    assert card["sha256"] == checksum
    assert card["kept"] == "x"
    with lzma.open(archive) as opened, tarfile.open(fileobj=opened) as files:
        assert files.getnames() == ["model/am/final.mdl", "model/conf/mfcc.conf", "model/graph/HCLG.fst"]


def test_the_bundled_archive_is_the_one_its_card_describes() -> None:
    card = tomllib.loads(Path("asr/bundled_model.toml").read_text(encoding="utf-8"))
    content = Path("asr/bundled_model.tar.xz").read_bytes()
    assert hashlib.sha256(content).hexdigest() == card["sha256"]
    assert len(content) == card["size_bytes"]


def test_a_card_without_a_value_is_refused() -> None:
    assert card_with("a = 1\nb = 2\n", {"b": "3"}) == "a = 1\nb = 3\n"
