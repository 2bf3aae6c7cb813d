"""Models are there whole or not at all, and whatever is wrong with one is said in a sentence."""

from __future__ import annotations

import http.server
import io
import shutil
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from asr.model_archive import unpack
from asr.model_card import ModelCard, bundled_card, known_cards
from asr.model_download import download
from asr.model_folder import ModelFolder, ModelUnusable, file_sha256
from asr.model_store import ModelStore, model_in_use
from config.settings import Settings


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def model_zip(model: ModelFolder, tmp_path: Path) -> Path:
    """The bundled model as its publisher would zip it: in a folder of its own."""
    path = tmp_path / "city-model.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(model.path.rglob("*")):
            if file.is_file() and file.name not in ("manifest.json", "card.toml"):
                archive.write(file, f"city-model/{file.relative_to(model.path)}")
    return path


def test_the_bundled_model_is_unpacked_verified_and_described(models_dir: Path, model: ModelFolder) -> None:
    assert model.sample_rate() == 8000
    assert model.card().name == "bundled"
    assert model.card().good_for_zh
    assert model.card().good_for_en
    ModelStore(models_dir).verify("bundled")
    assert not list(models_dir.glob(".bundled-*")), "a half-made folder was left behind"


def test_two_processes_unpack_it_once(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models")
    threads = [threading.Thread(target=store.find, args=("bundled",)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list((tmp_path / "models").glob("bundled-*"))) == 1
    store.find("bundled").check()


def test_a_damaged_bundled_archive_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "bundled.tar.xz"
    archive.write_bytes(b"not the model")
    with pytest.raises(ModelUnusable, match="damaged: its checksum differs"):
        ModelStore(tmp_path / "models", archive).find("bundled")
    assert not list((tmp_path / "models").glob("bundled-*"))


def test_known_models_are_listed_with_what_an_operator_chooses_by(models_dir: Path) -> None:
    listed = {model.card.name: model for model in ModelStore(models_dir).list()}
    assert listed["bundled"].installed
    assert listed["bundled"].in_use
    assert not listed["vosk-model-small-cn-0.22"].installed
    for card in known_cards():
        assert card.language
        assert card.published_error
        assert card.size_bytes > 1_000_000


def test_a_zip_is_installed_used_and_found_again(model_zip: Path, tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models")
    folder = store.install(str(model_zip))
    assert folder.path.name == "city-model"
    store.use("city-model")
    assert store.in_use() == "city-model"
    assert model_in_use(Settings(data_dir=tmp_path)).path == folder.path
    assert [model.card.name for model in store.list() if model.in_use] == ["city-model"]
    with pytest.raises(ModelUnusable, match="installed already"):
        store.install(str(model_zip))


def test_a_folder_is_installed_and_its_damage_noticed(model: ModelFolder, tmp_path: Path) -> None:
    shutil.copytree(model.path, tmp_path / "usb" / "mine")
    (tmp_path / "usb" / "mine" / "manifest.json").unlink()
    store = ModelStore(tmp_path / "models")
    folder = store.install(str(tmp_path / "usb" / "mine"))
    words = folder.path / "graph" / "words.txt"
    data = words.read_bytes()
    words.write_bytes(data[:-1] + b"x")
    with pytest.raises(ModelUnusable, match="another checksum"):
        store.verify("mine")
    words.write_bytes(data[:100])
    with pytest.raises(ModelUnusable, match=r"words\.txt is not what was installed"):
        store.find("mine")


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("am/final.mdl", "final.mdl is missing"),
        ("graph/HCLG.fst", "HCLG.fst is missing"),
        (".", "there is no model in"),
    ],
)
def test_a_folder_that_is_no_model_is_a_sentence(
    model: ModelFolder, tmp_path: Path, missing: str, sentence: str
) -> None:
    folder = tmp_path / "models" / "broken"
    shutil.copytree(model.path, folder)
    shutil.rmtree(folder) if missing == "." else (folder / missing).unlink()
    with pytest.raises(ModelUnusable, match=sentence):
        ModelFolder(folder).check()


def test_a_network_cut_short_does_not_abort_this_process(model: ModelFolder, tmp_path: Path) -> None:
    folder = tmp_path / "usb" / "cut"
    shutil.copytree(model.path, folder)
    (folder / "manifest.json").unlink()
    network = folder / "am" / "final.mdl"
    network.write_bytes(network.read_bytes()[:5000])
    with pytest.raises(ModelUnusable, match="Vosk cannot load"):
        ModelStore(tmp_path / "models").install(str(folder))
    assert not (tmp_path / "models" / "cut").exists()


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "a/../../outside", "a\\..\\outside"])
def test_an_archive_cannot_write_outside_its_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(ModelUnusable, match="outside its folder"):
        unpack(zipped(tmp_path / "evil.zip", {name: b"x"}), tmp_path / "in")
    assert not (tmp_path / "outside").exists()


def test_links_in_an_archive_are_not_followed(tmp_path: Path) -> None:
    archive = tmp_path / "links.tar"
    with tarfile.open(archive, "w") as tar:
        link = tarfile.TarInfo("model/am")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        tar.addfile(link)
        inside = tarfile.TarInfo("model/am/final.mdl")
        inside.size = 1
        tar.addfile(inside, io.BytesIO(b"x"))
    (tmp_path / "in").mkdir()
    unpack(archive, tmp_path / "in")
    assert not (tmp_path / "final.mdl").exists()


def test_an_archive_larger_than_the_disk_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.tar"
    huge = tarfile.TarInfo("model/final.mdl")
    huge.size = 1 << 50
    archive.write_bytes(huge.tobuf() + bytes(10240))
    (tmp_path / "in").mkdir()
    with pytest.raises(ModelUnusable, match="larger than any model"):
        unpack(archive, tmp_path / "in")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", b"\xfd7zXZ\x00 broken"])
def test_a_broken_archive_is_a_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "broken.zip").write_bytes(data)
    with pytest.raises(ModelUnusable):
        ModelStore(tmp_path / "models").install(str(tmp_path / "broken.zip"))
    assert not (tmp_path / "models" / "broken").exists()


def test_an_unknown_name_is_a_sentence_that_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="vosk-model-small-cn"):
        ModelStore(tmp_path / "models").install("no-such-model")
    with pytest.raises(ModelUnusable, match="hotline models install"):
        ModelStore(tmp_path / "models").find("vosk-model-cn-0.22")


class ResumingServer(http.server.BaseHTTPRequestHandler):
    """Serves one file by Range and breaks the connection half-way through the first answer."""

    data = b""
    requests: list[str | None]
    break_first = True

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        type(self).requests.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        body = self.data[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if type(self).break_first else body)
        type(self).break_first = False

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[tuple[str, type[ResumingServer]]]:
    handler = type("Handler", (ResumingServer,), {"data": bytes(range(256)) * 8000, "requests": []})
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}/model.zip", handler
    running.shutdown()


def test_a_broken_download_is_resumed_and_its_checksum_told(
    server: tuple[str, type[ResumingServer]], tmp_path: Path
) -> None:
    url, handler = server
    whole = tmp_path / "whole"
    whole.write_bytes(handler.data)
    card = ModelCard("m", url=url, sha256=file_sha256(whole), size_bytes=len(handler.data))
    part, seen = tmp_path / "m.part", []
    with pytest.raises(ModelUnusable, match="run the command again to go on"):
        download(card, part)
    assert download(card, part, lambda done, total: seen.append((done, total))) == part
    assert part.read_bytes() == handler.data
    assert handler.requests[0] is None
    assert handler.requests[1] is not None, "the second try began anew"
    assert seen[-1] == (len(handler.data), len(handler.data))
    part.unlink()
    with pytest.raises(ModelUnusable, match="checksum differs"):
        download(replace(card, sha256="0" * 64), part)
    assert not part.exists()


def test_a_model_larger_than_the_disk_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="MB of disk"):
        download(ModelCard("huge", url="http://127.0.0.1:9/", unpacked_bytes=1 << 60), tmp_path / "part")


def test_the_card_beside_the_archive_is_true(models_dir: Path) -> None:
    archive = Path(bundled_card.__code__.co_filename).with_name("bundled_model.tar.xz")
    card = bundled_card()
    assert card.sha256 == file_sha256(archive)
    assert card.size_bytes == archive.stat().st_size
