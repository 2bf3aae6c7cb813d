"""The build, stage by stage. A stage whose files are there, made from the same recipe and texts, is not redone."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from training import corpus
from training.graph.build import build_graph
from training.graph.grammar import Loops
from training.graph.symbols import Symbols
from training.language.build import TEXT, Language, build_language, name_characters, written_sentences
from training.language.general_trigram import ARPA_ARCHIVE, GeneralTrigram, read_general
from training.language.places import CITY
from training.network.alignment import Aligner
from training.network.examples import read_examples
from training.network.kaldi_model import write_global_mean, write_network
from training.network.tdnn import Shape, Tdnn
from training.network.trainer import Training, train
from training.phones import PhoneSet, pinyin_phones
from training.recipe import Recipe
from training.sources import find_sources
from training.speech.features import MFCC_CONF

Progress = Callable[[int, int, str], None]
_MODEL_CONF = {
    "min-active": "200",
    "max-active": "3000",
    "beam": "12",
    "lattice-beam": "5",
    "frame-subsampling-factor": "3",
    "endpoint.silence-phones": "1",
    "endpoint.rule2.min-trailing-silence": "0.5",
    "endpoint.rule3.min-trailing-silence": "0.6",
    "endpoint.rule4.min-trailing-silence": "0.8",
}
"""Utterances end 0.5 to 0.8 seconds after speech: callers wait for an answer."""


@dataclass
class Build:
    """One build in a work folder; `recordings` is a folder of sources, `general` the archive of libime's trigram."""

    recipe: Recipe
    work: Path
    recordings: Path | None = None
    device: str = "cpu"
    progress: Progress = lambda done, total, remark: None
    say: Callable[[str], None] = print
    phones: PhoneSet = field(default_factory=pinyin_phones)

    def run(self) -> Path:
        """Build everything that is not there yet and return the model's folder."""
        self.work.mkdir(parents=True, exist_ok=True)
        self._check_recipe()
        for name in ("language", "speech", "first", "people", "second", "people_again", "final", "model"):
            self.say(f"{name}: begun")
            getattr(self, f"_{name}")()
            self.say(f"{name}: done")
        return self.work / "model"

    def _check_recipe(self) -> None:
        """A work folder belongs to one recipe and one state of the texts."""
        texts = sorted([*TEXT.glob("*"), *CITY.glob("*.csv")])
        content = "".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in texts if path.is_file())
        own = {"recipe": asdict(self.recipe), "texts": hashlib.sha256(content.encode()).hexdigest()}
        stamp = self.work / "recipe.json"
        if stamp.exists() and json.loads(stamp.read_text()) != json.loads(json.dumps(own)):
            raise SystemExit(f"{self.work} was begun with another recipe or other texts: give another folder")
        stamp.write_text(json.dumps(own, indent=1))

    def _language(self) -> None:
        path = self.work / "language.pickle"
        if not path.exists():
            language = build_language(self._general(), self.recipe.language)
            _write(path, pickle.dumps(language))

    def _general(self) -> GeneralTrigram:
        general = read_general(self.recordings, self.work)
        if not general.words:
            self.say(f"{ARPA_ARCHIVE}: absent, the language model has the hotline's own text alone")
        return general

    def _speech(self) -> None:
        spoken, silent = self.work / "espeak.npz", self.work / "no_speech.npz"
        if not spoken.exists():
            texts = written_sentences()
            corpus.synthesise(self.phones, texts, self.recipe.synthesised, self.recipe.seed, spoken, self.progress)
        if not silent.exists():
            corpus.make_silence(self.recipe.no_speech, self.recipe.seed + 1, silent)

    @property
    def _made(self) -> list[Path]:
        return [self.work / "espeak.npz", self.work / "no_speech.npz"]

    def _first(self) -> None:
        self._train("first", self._made, self.recipe.first, None)

    def _people(self) -> None:
        self._align("first", "people")

    def _second(self) -> None:
        self._train("second", [*self._made, *self._people_shards("people")], self.recipe.second, "first")

    def _people_again(self) -> None:
        self._align("second", "people_again")

    def _final(self) -> None:
        self._train("final", [*self._made, *self._people_shards("people_again")], self.recipe.final, "second")

    def _people_shards(self, stage: str) -> list[Path]:
        return sorted(self.work.glob(f"{stage}-*.npz"))

    def _train(self, name: str, shards: list[Path], training: Training, start: str | None) -> None:
        path = self.work / f"{name}.pt"
        if path.exists():
            return
        examples = read_examples(shards)
        self.say(f"{name}: {examples.hours:.2f} hours in {len(examples.frame_starts) - 1} utterances")
        shape = Shape(self.phones.pdf_count, **self.recipe.shape)
        begun = self._network(start)[0] if start else None
        train(examples, shape, replace(training, device=self.device), path, self.progress, begun)

    def _network(self, name: str) -> tuple[Tdnn, dict[str, np.ndarray]]:
        content = torch.load(self.work / f"{name}.pt", weights_only=True)
        return Tdnn.of(content), {key: content[key].numpy() for key in ("priors", "stay", "global_mean")}

    def _align(self, network: str, stage: str) -> None:
        if self.recordings is None:
            self.say(f"{stage}: no folder of recordings was given, the synthesiser alone is trained on")
            return
        sources, absent = find_sources(self.recordings)
        for name in absent:
            self.say(f"{name}: absent, skipped")
        for number, source in enumerate(sources):
            path = self.work / f"{stage}-{source.name}.npz"
            if path.exists():
                continue
            trained, statistics = self._network(network)
            aligner, mean = Aligner(trained, statistics["priors"], self.phones), statistics["global_mean"]
            utterances = corpus.align_source(source, aligner, self.phones, mean, self.progress)
            self.say(f"{source.name}: {len(utterances)} recordings aligned")
            if utterances:
                seed = self.recipe.seed + 10 + number
                corpus.record(self.phones, utterances, source.is_joined, self.recipe.copies, seed, path)

    def _model(self) -> None:
        network, statistics = self._network("final")
        model = self.work / "model"
        write_network(network, statistics["priors"], Symbols([], self.phones).phone_count, model / "am" / "final.mdl")
        write_global_mean(statistics["global_mean"], model / "am" / "global_cmvn.stats")
        (model / "conf").mkdir(exist_ok=True)
        _write_options(MFCC_CONF, model / "conf" / "mfcc.conf")
        _write_options(
            {"acoustic-scale": f"{self.recipe.acoustic_scale:g}", **_MODEL_CONF}, model / "conf" / "model.conf"
        )
        if not (model / "graph" / "HCLG.fst").exists():
            build_graph(
                self.language, self.phones, statistics["stay"].tolist(), Loops(*name_characters()), model / "graph"
            )

    @cached_property
    def language(self) -> Language:
        """The language model of this build."""
        language: Language = pickle.loads((self.work / "language.pickle").read_bytes())
        return language


def _write_options(options: dict[str, str], path: Path) -> None:
    path.write_text("".join(f"--{name}={value}\n" for name, value in options.items()))


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".part")
    fresh.write_bytes(content)
    fresh.rename(path)
