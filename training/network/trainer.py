"""Trains the network by cross entropy for a fixed number of steps; a broken run goes on from its last checkpoint."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from training.network.examples import Examples
from training.network.tdnn import Shape, Tdnn

Report = Callable[[int, int, str], None]
"""Step, steps, and a remark for the progress bar."""
_WARM_UP = 200
_CHECKPOINT_EVERY = 250
_REPORT_EVERY = 25
_LEAST_PRIOR = 2e-4
"""Added to every prior, whose mean is 2e-3: a rare phone must not win wherever the network knows nothing."""


@dataclass(frozen=True)
class Training:
    """Steps and rates; `device` may be an accelerator."""

    steps: int = 6000
    batch: int = 64
    rate: float = 2e-3
    last_rate: float = 0.005
    seed: int = 7
    threads: int = 2
    device: str = "cpu"
    hide_frames: int = 12


def learning_rate(step: int, training: Training) -> float:
    """A short rise, then half a cosine down."""
    rise = min(1.0, (step + 1) / _WARM_UP)
    fall = 0.5 + 0.5 * math.cos(math.pi * step / training.steps)
    return training.rate * rise * max(training.last_rate, fall)


def train(
    examples: Examples, shape: Shape, training: Training, path: Path, report: Report, start: Tdnn | None = None
) -> Tdnn:
    """Train and write `path`: weights, shape, priors, global mean and self-loop chances. Deterministic on one device:
    every step draws its batch from the seed and its own number."""
    torch.manual_seed(training.seed)
    torch.set_num_threads(training.threads)
    network = start or Tdnn(shape)
    network.scale.copy_(torch.from_numpy(1 / examples.deviation))
    network.to(training.device).train()
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=1e-3, betas=(0.9, 0.98))
    checkpoint = path.with_suffix(".checkpoint")
    first = _resume(network, optimizer, checkpoint, training.device)
    total = right = seen = 0.0
    for step in range(first, training.steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, training)
        loss, hits, count = _step(network, optimizer, examples, training, step)
        total, right, seen = total + loss * count, right + hits, seen + count
        if (step + 1) % _REPORT_EVERY == 0:
            report(step + 1, training.steps, f"loss {total / seen:.3f}, frames right {100 * right / seen:.1f} %")
            total = right = seen = 0.0
        if (step + 1) % _CHECKPOINT_EVERY == 0:
            _save({**network.content(), "optimizer": optimizer.state_dict(), "step": step + 1}, checkpoint)
    network.cpu().eval()
    _save({**network.content(), **statistics(examples, network.shape.pdfs)}, path)
    checkpoint.unlink(missing_ok=True)
    return network


def _step(
    network: Tdnn, optimizer: torch.optim.Optimizer, examples: Examples, training: Training, step: int
) -> tuple[float, float, float]:
    draw = np.random.default_rng([training.seed, step])
    frames, labels = examples.batch(training.batch, network.shape.left, network.shape.right, draw)
    if draw.random() < 0.5:
        width = int(draw.integers(1, training.hide_frames))
        place = int(draw.integers(0, len(frames) - width))
        frames[place : place + width] = 0
    frames, labels = frames.to(training.device), labels.to(training.device)
    with torch.autocast(training.device.split(":")[0], dtype=torch.bfloat16, enabled=_has_bfloat16(training.device)):
        scores = network(frames)
    scores = scores.float()
    loss = functional.cross_entropy(scores.flatten(0, 1), labels.flatten(), ignore_index=-100)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimizer.step()
    labelled = labels >= 0
    hits = (scores.argmax(-1)[labelled] == labels[labelled]).sum()
    return loss.item(), float(hits), float(labelled.sum())


def _has_bfloat16(device: str) -> bool:
    """A processor without the instructions computes in it, but fourteen times slower than in single precision."""
    return device != "cpu" or torch.cpu.get_capabilities().get("avx512_bf16", False)


def _resume(network: Tdnn, optimizer: torch.optim.Optimizer, checkpoint: Path, device: str) -> int:
    if not checkpoint.exists():
        return 0
    content = torch.load(checkpoint, map_location=device, weights_only=True)
    network.load_state_dict(content["weights"])
    optimizer.load_state_dict(content["optimizer"])
    return int(content["step"])


def _save(content: dict[str, object], path: Path) -> None:
    fresh = path.with_suffix(".part")
    torch.save(content, fresh)
    fresh.rename(path)


def statistics(examples: Examples, pdfs: int) -> dict[str, object]:
    """Priors of the pdfs, the global mean, and how likely each phone is to last another frame."""
    counts = examples.pdf_counts(pdfs)
    priors = counts / counts.sum() + _LEAST_PRIOR
    begun, lasting = counts[0::2], counts[1::2]
    stay = np.clip((lasting + 5) / (begun + lasting + 10), 0.1, 0.95)
    stay[0] = 0.9
    return {
        "priors": torch.from_numpy(priors / priors.sum()),
        "stay": torch.from_numpy(stay),
        "global_mean": torch.from_numpy(examples.global_mean),
    }
