"""Training examples: frames and labels in shards on disk, cut into chunks of 1.8 seconds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

from training.speech.features import DIMENSION, STRIDE, normalised

CHUNK = 60
"""Output frames a chunk: 1.8 seconds."""
_UNLABELLED = -100


class ShardWriter:
    """Collects utterances and writes them to one .npz file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._frames: list[np.ndarray] = []
        self._labels: list[np.ndarray] = []
        self.seconds = 0.0

    def add(self, frames: np.ndarray, labels: np.ndarray) -> None:
        """Keep one utterance."""
        self._frames.append(frames.astype(np.float16))
        self._labels.append(labels)
        self.seconds += len(frames) / 100

    def close(self) -> None:
        """Write the file whole, or not at all."""
        fresh = self._path.with_suffix(".part.npz")
        np.savez(
            fresh,
            frames=np.concatenate(self._frames),
            labels=np.concatenate(self._labels),
            lengths=np.array([len(frames) for frames in self._frames]),
        )
        fresh.rename(self._path)


@dataclass(frozen=True)
class Examples:
    """All utterances end to end, mean-normalised as the recogniser will do it."""

    frames: torch.Tensor
    labels: torch.Tensor
    frame_starts: np.ndarray
    label_starts: np.ndarray
    global_mean: np.ndarray
    deviation: np.ndarray

    @property
    def hours(self) -> float:
        """Hours of audio."""
        return len(self.frames) / 360_000

    def pdf_counts(self, pdfs: int) -> np.ndarray:
        """How often each pdf is labelled."""
        return np.bincount(self.labels.numpy(), minlength=pdfs).astype(float)

    def batch(self, size: int, left: int, right: int, draw: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Chunks from places drawn evenly over all speech; edges repeat the first or last frame."""
        length = STRIDE * (CHUNK - 1) + 1 + left + right
        frames = torch.zeros(length, size, DIMENSION)
        labels = torch.full((CHUNK, size), _UNLABELLED)
        for column, place in enumerate(draw.integers(0, len(self.labels), size)):
            utterance = int(np.searchsorted(self.label_starts, place, side="right")) - 1
            first, last = self.frame_starts[utterance], self.frame_starts[utterance + 1] - 1
            total = self.label_starts[utterance + 1] - self.label_starts[utterance]
            start = max(0, min(int(place - self.label_starts[utterance]) - CHUNK // 2, int(total) - CHUNK))
            wanted = first + STRIDE * start - left + np.arange(length)
            frames[:, column] = self.frames[np.clip(wanted, first, last)].float()
            count = min(CHUNK, int(total) - start)
            begin = self.label_starts[utterance] + start
            labels[:count, column] = self.labels[begin : begin + count]
        return frames, labels


def read_examples(paths: list[Path]) -> Examples:
    """Read shards, find the global mean, and normalise every utterance."""
    shards = [np.load(path) for path in paths]
    lengths = np.concatenate([shard["lengths"] for shard in shards])
    frames = np.concatenate([shard["frames"] for shard in shards])
    labels = np.concatenate([shard["labels"] for shard in shards]).astype(np.int64)
    mean = frames.mean(axis=0, dtype=np.float64)
    frame_starts = np.concatenate([[0], np.cumsum(lengths)])
    label_starts = np.concatenate([[0], np.cumsum((lengths + STRIDE - 1) // STRIDE)])
    for start, end in pairwise(frame_starts):
        frames[start:end] = normalised(frames[start:end].astype(np.float32), mean)
    deviation = frames[::7].astype(np.float32).std(axis=0) + 1e-3
    return Examples(torch.from_numpy(frames), torch.from_numpy(labels), frame_starts, label_starts, mean, deviation)
