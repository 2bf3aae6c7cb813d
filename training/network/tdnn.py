"""The network: a splice, factored time-delay layers with a bypass, and one pdf a phone's first frame and rest."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from training.speech.features import DIMENSION, STRIDE

SPLICE = 4
"""Frames on either side that the first layer sees."""
BYPASS = 0.66


@dataclass(frozen=True)
class Shape:
    """Sizes; these have 3.3 million parameters."""

    pdfs: int
    width: int = 640
    bottleneck: int = 128
    layers: int = 8
    ahead: int = 3
    """How many of the layers look ahead: each makes the caller's words appear 30 ms later."""
    tail: int = 256

    @property
    def left(self) -> int:
        """Input frames needed before an output frame."""
        return SPLICE + STRIDE * (2 * self.layers - self.ahead)

    @property
    def right(self) -> int:
        """Input frames needed after an output frame."""
        return SPLICE + STRIDE * self.ahead


class _Norm(nn.BatchNorm1d):
    """Batch normalisation over (time, batch, channel)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.flatten(0, 1)).view(x.shape)


class Factored(nn.Module):
    """width -> bottleneck over (t-1, t), bottleneck -> width over (t, t+1), or (t-1, t) where it does not look ahead,
    ReLU, normalised, plus a bypass."""

    def __init__(self, width: int, bottleneck: int, looks_ahead: bool) -> None:
        super().__init__()
        self.looks_ahead = looks_ahead
        self.linear = nn.Linear(2 * width, bottleneck, bias=False)
        self.affine = nn.Linear(2 * bottleneck, width)
        self.norm = _Norm(width, affine=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        narrow = self.linear(torch.cat([x[:-1], x[1:]], -1))
        wide = self.affine(torch.cat([narrow[:-1], narrow[1:]], -1))
        return self.norm(functional.relu(wide)) + BYPASS * (x[1:-1] if self.looks_ahead else x[2:])


class Tdnn(nn.Module):
    """(time, batch, 40) to (time / 3, batch, pdfs); Linear on time-first tensors is fastest on a shared core."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("scale", torch.ones(DIMENSION))
        self.splice = nn.Linear((2 * SPLICE + 1) * DIMENSION, shape.width)
        self.splice_norm = _Norm(shape.width, affine=False)
        self.factored = nn.ModuleList(
            Factored(shape.width, shape.bottleneck, number < shape.ahead) for number in range(shape.layers)
        )
        self.tail = nn.Linear(shape.width, shape.tail, bias=False)
        self.last = nn.Linear(shape.tail, shape.width // 2)
        self.last_norm = _Norm(shape.width // 2, affine=False)
        self.output = nn.Linear(shape.width // 2, shape.pdfs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        spliced = (x * self.scale).unfold(0, 2 * SPLICE + 1, STRIDE).permute(0, 1, 3, 2).flatten(2)
        hidden = self.splice_norm(functional.relu(self.splice(spliced)))
        for layer in self.factored:
            hidden = layer(hidden)
        return self.output(self.last_norm(functional.relu(self.last(self.tail(hidden)))))

    def content(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"shape": asdict(self.shape), "weights": self.state_dict()}

    @classmethod
    def of(cls, content: dict[str, Any]) -> Tdnn:
        """The network of a checkpoint."""
        network = cls(Shape(**content["shape"]))
        network.load_state_dict(content["weights"])
        return network
