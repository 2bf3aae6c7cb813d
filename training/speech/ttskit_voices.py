"""The 23 voices of ttskit 0.3.8: a multi-speaker Mellotron and a MelGAN, as pickles of an old torch.

The package imports a dozen libraries for training and pages that speaking does not need: they are replaced by empty
modules, and the modules of the pickles get the attributes that today's torch expects.
"""

from __future__ import annotations

import collections
import hashlib
import sys
import types
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import numpy as np
import torch

RATE = 22050
VOICES = (
    "Aibao", "Aicheng", "Aida", "Aijia", "Aijing", "Aimei", "Aina", "Aiqi", "Aitong", "Aiwei", "Aixia", "Aiya", "Aiyu",
    "Aiyue", "Siyue", "Xiaobei", "Xiaomeng", "Xiaoxue", "Xiaoyun", "biaobei",
)  # fmt: skip
"""Without Xiaowei, who never stops, and Xiaogang, Xiaomei and Yina, who are hard to understand."""
_NOT_NEEDED = {
    "aukit", "hanziconv", "inflect", "jieba", "librosa", "matplotlib", "numba", "pydub", "sklearn", "tensorboardX",
    "tqdm", "umap", "unidecode", "visdom", "xmltodict",
}  # fmt: skip
_FRAME_MS = 1000 * 256 / RATE
_SHORTEST_MS, _LONGEST_MS = 110, 600
"""A syllable; outside of this the voice has stumbled."""
_ENDED = 0.8


class _AnyNames(type):
    """A class that has every attribute."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing


class _Nothing(dict[str, Any], metaclass=_AnyNames):
    """Whatever is asked of it: a base class, a function, settings."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_Nothing, name)

    def __call__(self, *_: object, **__: object) -> _Nothing:
        return self


class _Empty:
    """Finds and makes modules in which every name is `_Nothing`."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(name, self) if name.split(".", maxsplit=1)[0] in _NOT_NEEDED else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return _module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        return


def _module(name: str, path: Path | None = None, **content: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__path__ = [str(path)] if path else []
    module.__dict__.update(content)
    module.__getattr__ = lambda attribute: getattr(_Nothing, attribute)  # type: ignore[method-assign]
    return module


class TtskitVoices:
    """Speaks pinyin in any of `VOICES`; `folder` holds the unpacked wheels of ttskit and phkit."""

    def __init__(self, folder: Path) -> None:
        package = folder / "ttskit"
        sys.meta_path.insert(0, _Empty())  # type: ignore[arg-type]
        sys.path.insert(0, str(folder))
        for name in ("mellotron", "melgan"):
            module = _module(name, package / name)
            sys.modules[name] = sys.modules[f"ttskit.{name}"] = module
        sys.modules["ttskit"] = _module("ttskit", package)
        lengths = {"to_gpu": lambda x: x, "get_mask_from_lengths": _mask}
        for name in ("utils", "stft", "audio_processing"):
            module = _module(f"ttskit.mellotron.{name}", **(lengths if name == "utils" else {}))
            sys.modules[f"mellotron.{name}"] = sys.modules[f"ttskit.mellotron.{name}"] = module
        from phkit.chinese import text_to_sequence  # type: ignore[import-not-found]

        self._numbers_of = text_to_sequence
        self._frames = _loaded(package / "resource/model/mellotron.kuangdd-mspk.pt").eval()
        self._waves = _loaded(package / "resource/model/melgan.kuangdd.pt")
        self._waves.eval(inference=True)  # its own, which returns nothing

    def say(self, clauses: Sequence[Sequence[str]], voice: str) -> np.ndarray | None:
        """Clauses of syllables ('lu4') as samples at `RATE`; None when the voice stumbled."""
        count = sum(len(clause) for clause in clauses)
        written = " , ".join(" ".join(clause) for clause in clauses) + " ."
        numbers = self._numbers_of(written, cleaner_names="pinyin")
        with torch.no_grad():
            spoken = self._frames.inference((torch.tensor([numbers]), 0, _speaker(voice), None))
            gate = torch.sigmoid(spoken[2])[0].numpy().ravel()
            end = int(np.argmax(gate > _ENDED))
            if not _SHORTEST_MS * count < end * _FRAME_MS < _LONGEST_MS * count:
                return None
            samples: np.ndarray = self._waves.inference(spoken[1][:, :, :end]).squeeze().float().numpy()
        return samples / (np.abs(samples).max() + 1e-9) * 0.7


def _mask(lengths: torch.Tensor) -> torch.Tensor:
    return torch.arange(int(lengths.max())) < lengths.unsqueeze(1)


def _speaker(name: str) -> torch.Tensor:
    """The package makes a voice's vector from the checksum of its name."""
    digits = [int(digit, 16) for digit in hashlib.md5(name.encode()).hexdigest()]
    return torch.tensor((np.array([digits]) - 7) / 10, dtype=torch.float32)


def _loaded(path: Path) -> Any:
    network = torch.load(path, map_location="cpu", weights_only=False)
    fresh = torch.nn.Module().__dict__
    for module in network.modules():
        for name, value in fresh.items():
            module.__dict__.setdefault(name, type(value)() if isinstance(value, dict | set) else value)
        if isinstance(module, torch.nn.LSTM):
            module.__dict__.setdefault("proj_size", 0)
        if isinstance(module, torch.nn.modules.conv._ConvNd):
            module.__dict__.setdefault("padding_mode", "zeros")
            module.__dict__.setdefault("_reversed_padding_repeated_twice", [0, 0])
        for name, value in list(module.__dict__.items()):
            if name.endswith("_hooks") and value is None:
                module.__dict__[name] = collections.OrderedDict()
    return network
