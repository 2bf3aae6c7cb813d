"""A model's folder on disk: which files Vosk needs, and whether they are the ones that were installed.

Vosk's C++ ends the process on some unreadable models (`KALDI_ASSERT`), so everything is looked at from here first.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from asr.model_card import CARD_FILE, ModelCard, read_card

MANIFEST_FILE = "manifest.json"
FST_MAGIC = bytes.fromhex("d6fdb27e")  # OpenFst's kFstMagicNumber, little-endian
DEFAULT_RATE = 16000  # Kaldi's own default when mfcc.conf does not say
LOADING_TIMEOUT = 300.0  # seconds; vosk-model-cn-0.22 takes about 20 from a slow disk


class ModelUnusable(Exception):
    """A model is missing, damaged or not a Vosk model; the message is one plain sentence for the operator."""


@dataclass(frozen=True)
class ModelFolder:
    """A folder that holds a Vosk model, in the present layout (`am/`, `conf/`, `graph/`) or the flat one of old."""

    path: Path

    def card(self) -> ModelCard:
        """The card installed with it, or one that only knows its name."""
        card_path = self.path / CARD_FILE
        return read_card(card_path) if card_path.is_file() else ModelCard(name=self.path.name)

    def file(self, part: str, name: str) -> Path:
        """Where a file lies in this folder's layout."""
        return self.path / name if (self.path / "final.mdl").exists() else self.path / part / name

    def sample_rate(self) -> int:
        """Samples a second that the network was trained on (`--sample-frequency` in mfcc.conf)."""
        text = self.file("conf", "mfcc.conf").read_text(encoding="utf-8")
        found = re.search(r"^\s*--sample-frequency\s*=\s*(\d+)", text, re.MULTILINE)
        return int(found[1]) if found else DEFAULT_RATE

    def is_adaptive(self) -> bool:
        """Whether what was said before changes how the next words are heard (i-vectors or a running mean)."""
        return (self.path / "ivector").is_dir() or self.file("am", "global_cmvn.stats").exists()

    def check(self) -> None:
        """Raise `ModelUnusable` unless every file that Vosk opens is there, of its kind and of the installed size."""
        if not self.path.is_dir():
            raise ModelUnusable(f"there is no model in {self.path}")
        for path in self._needed():
            if not path.is_file():
                raise ModelUnusable(f"{self.path} is not a Vosk model: {path.relative_to(self.path)} is missing")
            if path.suffix == ".fst" and not _begins_with(path, FST_MAGIC):
                raise ModelUnusable(f"{path} is damaged: it is not a graph")
        if not _begins_with(self.file("am", "final.mdl"), b"\0B", b"<Tran"):
            raise ModelUnusable(f"{self.file('am', 'final.mdl')} is damaged: it is not an acoustic model")
        for name, (size, _) in self.manifest().items():
            path = self.path / name
            if not path.is_file() or path.stat().st_size != size:
                raise ModelUnusable(f"the model in {self.path} is damaged: {name} is not what was installed")

    def _needed(self) -> Iterator[Path]:
        yield self.file("am", "final.mdl")
        yield self.file("conf", "mfcc.conf")
        whole = self.file("graph", "HCLG.fst")
        if whole.exists():
            yield self.file("graph", "words.txt")
            return
        yield self.file("graph", "HCLr.fst") if self.file("graph", "HCLr.fst").exists() else whole
        yield self.file("graph", "Gr.fst")

    def manifest(self) -> dict[str, tuple[int, str]]:
        """Size and SHA-256 of every file as installed; empty for a folder that we did not install."""
        try:
            values = json.loads((self.path / MANIFEST_FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            raise ModelUnusable(f"the model in {self.path} is damaged: {MANIFEST_FILE} cannot be read") from None
        return {name: (int(size), str(digest)) for name, (size, digest) in values.items()}

    def write_manifest(self) -> None:
        """Record every file, so that damage is noticed."""
        names = sorted(path for path in self.path.rglob("*") if path.is_file() and path.name != MANIFEST_FILE)
        values = {str(path.relative_to(self.path)): (path.stat().st_size, file_sha256(path)) for path in names}
        (self.path / MANIFEST_FILE).write_text(json.dumps(values, indent=1), encoding="utf-8")

    def verify(self) -> None:
        """Check every byte against the manifest and load the model once in a process of its own."""
        self.check()
        for name, (_, digest) in self.manifest().items():
            if file_sha256(self.path / name) != digest:
                raise ModelUnusable(f"the model in {self.path} is damaged: {name} has another checksum")
        self.try_loading()

    def try_loading(self) -> None:
        """Load the model in a child process: an abort there is a sentence here."""
        command = [sys.executable, "-c", _LOAD_ONCE, str(self.path)]
        try:
            child = subprocess.run(command, capture_output=True, timeout=LOADING_TIMEOUT, check=False)
        except subprocess.TimeoutExpired:
            raise ModelUnusable(f"the model in {self.path} takes too long to load") from None
        if child.returncode != 0:
            raise ModelUnusable(f"Vosk cannot load the model in {self.path}")


_LOAD_ONCE = """
import sys, vosk
vosk.SetLogLevel(-1)
model = vosk.Model(sys.argv[1])
recogniser = vosk.KaldiRecognizer(model, 16000)
recogniser.AcceptWaveform(bytes(16000))
"""


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _begins_with(path: Path, *beginnings: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(8).startswith(beginnings)
