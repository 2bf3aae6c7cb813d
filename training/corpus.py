"""Shards of training examples: synthesised speech, recordings in many voices, and lines without speech."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import soundfile
import soxr

from training.language.places import read_places
from training.language.templates import Templates
from training.network.alignment import Aligner
from training.network.examples import ShardWriter
from training.phones import PhoneSet
from training.sources import Recording, Source
from training.speech.espeak import Manner
from training.speech.features import RATE, mfcc, normalised
from training.speech.line import Line
from training.speech.no_speech import no_speech
from training.speech.speaker_change import changed
from training.speech.synthesis import VARIANTS, Speaker
from training.speech.utterance import Utterance, labels

Progress = Callable[[int, int, str], None]
_LONGEST_TEXT = 45
_WIDE = 16000
_JOINED = (1, 2, 3, 4, 5)
_JOINED_CHANCES = (0.35, 0.25, 0.2, 0.1, 0.1)
_DIGITAL_SILENCE = 0.2
"""Softphones with voice activity detection send exact zeros between words."""
_WORST_SHARE = 0.05
"""Recordings whose sound fits their text worst are left out."""


class ExampleMaker:
    """Puts utterances on a line and labels them."""

    def __init__(self, phones: PhoneSet, draw: np.random.Generator) -> None:
        self._phones, self._draw, self._line = phones, draw, Line(draw)

    def add(self, utterance: Utterance, shard: ShardWriter) -> None:
        """Change the speaker, add silence at both ends, send it over a line, and keep it."""
        spoken = changed(utterance, self._draw)
        lead, tail = (self._draw.uniform((0.0, 0.05), (0.6, 0.8)) * RATE).astype(int)
        padded = spoken.padded(int(lead), int(tail))
        quiet = self._draw.random() < _DIGITAL_SILENCE
        room = 0.0 if quiet else np.std(padded.samples) * 10 ** (-self._draw.uniform(35, 60) / 20)
        sent = self._line.send(padded.samples + self._draw.standard_normal(len(padded.samples)) * room)
        frames = mfcc(sent)
        shard.add(frames, labels(padded.phones, len(frames), self._phones))


def synthesise(phones: PhoneSet, texts: list[str], count: int, seed: int, path: Path, progress: Progress) -> None:
    """`count` utterances by the synthesiser: calls drawn from the templates, and written sentences."""
    draw = np.random.default_rng(seed)
    maker, shard, speaker = ExampleMaker(phones, draw), ShardWriter(path), Speaker(phones)
    templates = Templates(read_places(), seed)
    made = 0
    while made < count:
        text = texts[int(draw.integers(len(texts)))] if texts and draw.random() < 0.35 else "，".join(templates.call())
        if re.search("[A-Z]", text) or len(text) > _LONGEST_TEXT:
            continue
        manner = Manner(
            VARIANTS[int(draw.integers(len(VARIANTS)))],
            int(np.clip(draw.normal(175, 32), 110, 265)),
            int(np.clip(draw.normal(50, 18), 25, 95)),
            int(np.clip(draw.normal(50, 20), 10, 100)),
        )
        utterance = speaker.say(text, manner)
        if utterance is not None:
            maker.add(utterance, shard)
            made += 1
            if made % 50 == 0:
                progress(made, count, f"{shard.seconds / 3600:.2f} h")
    shard.close()


def make_silence(count: int, seed: int, path: Path) -> None:
    """`count` lines without speech."""
    draw = np.random.default_rng(seed)
    shard, line = ShardWriter(path), Line(draw)
    for _ in range(count):
        nothing = draw.random() < _DIGITAL_SILENCE / 2
        sound = np.zeros(int(draw.uniform(2, 7) * RATE)) if nothing else no_speech(draw)
        frames = mfcc(line.send(sound))
        found = np.ones((len(frames) + 2) // 3, np.int16)
        found[0] = 0
        shard.add(frames, found)
    shard.close()


def read_samples(path: Path) -> np.ndarray:
    """A recording at 16 kHz, one channel, at a level of -22 dB."""
    samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    wide = soxr.resample(samples.mean(axis=1), rate, _WIDE)
    return wide * 10 ** (-22 / 20) * 32768 / (np.sqrt(np.mean(wide**2)) + 1e-9)


def align_source(
    source: Source, aligner: Aligner, phones: PhoneSet, global_mean: np.ndarray, progress: Progress
) -> list[Utterance]:
    """Every recording of a source with the times of its phones, the worst fits left out."""
    found: list[tuple[float, Utterance]] = []
    recordings = list(source.recordings())
    for number, recording in enumerate(recordings, 1):
        aligned = _aligned(recording, aligner, phones, global_mean)
        if aligned is not None:
            found.append(aligned)
        if number % 100 == 0:
            progress(number, len(recordings), source.name)
    if not found:
        return []
    least = np.quantile([score for score, _ in found], _WORST_SHARE)
    return [utterance for score, utterance in found if score >= least]


def _aligned(
    recording: Recording, aligner: Aligner, phones: PhoneSet, global_mean: np.ndarray
) -> tuple[float, Utterance] | None:
    spelled = [phones.spell([syllable]) for syllable in recording.syllables]
    try:
        samples = read_samples(recording.path)
    except soundfile.LibsndfileError:
        return None
    if any(syllable is None for syllable in spelled) or len(samples) < _WIDE // 10:
        return None
    frames = normalised(mfcc(soxr.resample(samples, _WIDE, RATE)), global_mean)
    alignment = aligner.align(frames, [syllable for syllable in spelled if syllable is not None])
    if alignment is None:
        return None
    return alignment.score, Utterance(samples, _WIDE, alignment.phones)


def record(phones: PhoneSet, utterances: list[Utterance], is_joined: bool, copies: int, seed: int, path: Path) -> None:
    """Recordings in `copies` voices each; single words are joined with short gaps, as in speech."""
    draw = np.random.default_rng(seed)
    maker, shard = ExampleMaker(phones, draw), ShardWriter(path)
    for _ in range(copies):
        order = list(draw.permutation(len(utterances)))
        while order:
            count = int(draw.choice(_JOINED, p=_JOINED_CHANCES)) if is_joined else 1
            taken, order = order[:count], order[count:]
            maker.add(
                joined([trimmed(utterances[i], draw) for i in taken] if is_joined else [utterances[taken[0]]], draw),
                shard,
            )
    shard.close()


def trimmed(utterance: Utterance, draw: np.random.Generator) -> Utterance:
    """A word without the silence around it, but for a few hundredths of a second."""
    spoken = [i for i, (phone, _) in enumerate(utterance.phones) if phone is not None]
    end_of = utterance.phones[spoken[-1] + 1][1] if spoken[-1] + 1 < len(utterance.phones) else np.inf
    length = 1000 * len(utterance.samples) / utterance.rate
    begin = max(0.0, utterance.phones[spoken[0]][1] - draw.uniform(20, 60))
    end = min(length, end_of + draw.uniform(20, 70))
    first, last = (int(time * utterance.rate / 1000) for time in (begin, end))
    phones = tuple((phone, time - begin) for phone, time in utterance.phones[spoken[0] : spoken[-1] + 1])
    return Utterance(utterance.samples[first:last].copy(), utterance.rate, (*phones, (None, min(end_of, end) - begin)))


def joined(utterances: Iterable[Utterance], draw: np.random.Generator) -> Utterance:
    """Utterances of one rate one after another, some with a short pause between."""
    pieces: list[np.ndarray] = []
    phones: list[tuple[str | None, float]] = []
    length = rate = 0
    for utterance in utterances:
        rate = utterance.rate
        if pieces and draw.random() > 0.45:
            gap = np.zeros(int(draw.uniform(0.005, 0.16) * rate))
            pieces.append(gap)
            length += len(gap)
        phones += [(phone, time + 1000 * length / rate) for phone, time in utterance.phones]
        pieces.append(utterance.samples)
        length += len(utterance.samples)
    return Utterance(np.concatenate(pieces), rate, tuple(phones))
