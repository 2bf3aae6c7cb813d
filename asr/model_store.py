"""Models on this machine: list, install, verify, choose. A model is there whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from asr.model_archive import unpack
from asr.model_card import BUNDLED, CARD_FILE, HERE, ModelCard, bundled_card, known_cards
from asr.model_download import Progress, download, no_progress
from asr.model_folder import ModelFolder, ModelUnusable, file_sha256
from config.settings import Settings

IN_USE_FILE = "in_use"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True)
class ListedModel:
    """A line of `hotline models list`."""

    card: ModelCard
    installed: bool
    in_use: bool


class ModelStore:
    """The folder `models/` of the data folder, one folder a model; several processes may use it at once."""

    def __init__(self, models_dir: Path, bundled_archive: Path = HERE / "bundled_model.tar.xz") -> None:
        self._dir = models_dir
        self._bundled_archive = bundled_archive

    def list(self) -> list[ListedModel]:
        """Known models first, then those installed from elsewhere."""
        cards = {card.name: card for card in known_cards()}
        for path in sorted(self._dir.glob("*/")):
            if NAME.fullmatch(path.name) and not path.name.startswith("bundled-"):
                cards.setdefault(path.name, ModelFolder(path).card())
        chosen = self.in_use()
        return [ListedModel(card, self._is_installed(name), name == chosen) for name, card in cards.items()]

    def find(self, name: str) -> ModelFolder:
        """Return the model of that name, or in that folder, after a look at its files; the bundled one is unpacked
        when it is not there yet. Raises `ModelUnusable`."""
        folder = ModelFolder(self._path(name))
        if name == BUNDLED and not folder.path.is_dir():
            self._unpack_bundled(folder.path)
        if not folder.path.is_dir() and NAME.fullmatch(name):
            raise ModelUnusable(f"the model {name} is not installed: `hotline models install {name}`")
        folder.check()
        return folder

    def in_use(self) -> str:
        """The name chosen by `hotline models use`, or the bundled one."""
        try:
            return (self._dir / IN_USE_FILE).read_text(encoding="utf-8").strip() or BUNDLED
        except FileNotFoundError:
            return BUNDLED

    def use(self, name: str) -> ModelFolder:
        """Choose a model for the next start, after loading it once on trial."""
        folder = self.find(name)
        folder.try_loading()
        self._dir.mkdir(parents=True, exist_ok=True)
        fresh = self._dir / f".{IN_USE_FILE}-{secrets.token_hex(4)}"
        fresh.write_text(name + "\n", encoding="utf-8")
        fresh.replace(self._dir / IN_USE_FILE)
        return folder

    def verify(self, name: str) -> ModelFolder:
        """Check every byte and load it once; raises `ModelUnusable`."""
        folder = self.find(name)
        folder.verify()
        return folder

    def install(self, source: str, progress: Progress = no_progress) -> ModelFolder:
        """Install a known model by name, or a model from a zip, tar or folder on this machine."""
        if source == BUNDLED:
            return self.find(BUNDLED)
        card = next((card for card in known_cards() if card.name == source), None)
        if card is not None:
            return self._install_known(card, progress)
        path = Path(source)
        if not path.exists():
            names = ", ".join(card.name for card in known_cards())
            raise ModelUnusable(f"{source} is neither a known model ({names}) nor a file or folder")
        return self._install_local(path)

    def _install_known(self, card: ModelCard, progress: Progress) -> ModelFolder:
        with self._locked():
            if self._is_installed(card.name):
                return self.find(card.name)
            part = self._dir / f".{card.name}.zip.part"
            folder = self._put(download(card, part, progress), card.name)
            part.unlink()
            return folder

    def _install_local(self, path: Path) -> ModelFolder:
        name = re.sub(r"(\.zip|\.tar(\.\w+)?|\.tgz)$", "", path.resolve().name)
        if not NAME.fullmatch(name) or name == BUNDLED or name.startswith("bundled-"):
            raise ModelUnusable(f"{name!r} cannot be a model's name: use letters, digits, dots and hyphens")
        card = next((card for card in known_cards() if card.name == name), None)
        if card and card.sha256 and path.is_file() and file_sha256(path) != card.sha256:
            raise ModelUnusable(f"{path} is not the published {name}: its checksum differs")
        with self._locked():
            if self._path(name).exists():
                raise ModelUnusable(f"a model {name} is installed already, in {self._path(name)}")
            return self._put(path, name)

    def _unpack_bundled(self, target: Path) -> None:
        card = bundled_card()
        with self._locked():
            if target.is_dir():  # another process was faster
                return
            if not self._bundled_archive.is_file():
                raise ModelUnusable(f"the bundled model {self._bundled_archive} is missing: install the program again")
            if file_sha256(self._bundled_archive) != card.sha256:
                raise ModelUnusable(f"the bundled model {self._bundled_archive} is damaged: its checksum differs")
            self._put(self._bundled_archive, target.name, on_trial=False)
            shutil.copy(HERE / "bundled_model.toml", target / CARD_FILE)
            for old in self._dir.glob("bundled-*/"):
                if old != target:
                    shutil.rmtree(old, ignore_errors=True)

    def _put(self, source: Path, name: str, on_trial: bool = True) -> ModelFolder:
        """Build the model's folder beside its place and move it there in one step; a break leaves nothing."""
        fresh = self._dir / f".{name}-{secrets.token_hex(4)}"
        fresh.mkdir()
        try:
            if source.is_dir():
                ModelFolder(source).check()
                shutil.copytree(source, fresh, dirs_exist_ok=True)
            else:
                unpack(source, fresh)
            folder = ModelFolder(fresh)
            folder.check()
            if on_trial:
                folder.try_loading()
            folder.write_manifest()
            _flush(fresh)
            target = self._path(name if not name.startswith("bundled-") else BUNDLED)
            return ModelFolder(fresh.rename(target))
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _path(self, name: str) -> Path:
        if name == BUNDLED:
            return self._dir / f"bundled-{bundled_card().sha256[:12]}"
        return self._dir / name if NAME.fullmatch(name) else Path(name)

    def _is_installed(self, name: str) -> bool:
        return self._path(name).is_dir()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One installation at a time; what a killed one left behind is removed."""
        self._dir.mkdir(parents=True, exist_ok=True)
        with (self._dir / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for left in self._dir.glob(".*-????????/"):
                shutil.rmtree(left, ignore_errors=True)
            yield


def model_in_use(settings: Settings) -> ModelFolder:
    """The model named in the settings, else the one chosen by `hotline models use`, else the bundled one.

    Raises `ModelUnusable` with one plain sentence.
    """
    store = ModelStore(settings.models_dir)
    return store.find(settings.asr.model if "model" in settings.asr.model_fields_set else store.in_use())


def _flush(folder: Path) -> None:
    """A power cut after the rename must not leave empty files under the right name."""
    for path in folder.rglob("*"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
