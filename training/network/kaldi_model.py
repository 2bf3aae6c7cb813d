"""am/final.mdl and am/global_cmvn.stats: the trained network as Kaldi reads it.

The file is a TransitionModel, then an nnet3 AmNnetSimple. Components used: FixedAffine, RectifiedLinear, FixedScale and
FixedBias (batch normalisation folded), NoOp with Sum(x, Scale(0.66, y)), LogSoftmax. Weights of the first and last
layer are stored in 16 bits, the rest in 8: no loss was found.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from training.network.kaldi_file import KaldiWriter
from training.network.tdnn import BYPASS, SPLICE, Factored, Tdnn
from training.speech.features import DIMENSION, STRIDE

_LEAST_PRIOR = 1e-6


def write_network(network: Tdnn, priors: np.ndarray, phone_count: int, path: Path) -> None:
    """Write final.mdl; `phone_count` counts silence and each phone in four positions."""
    file = KaldiWriter()
    _transition_model(file, phone_count)
    layers = _Layers()
    layers.add_network(network)
    layers.write(file)
    file.token("<LeftContext>")
    file.integer(0)
    file.token("<RightContext>")
    file.integer(0)
    file.token("<Priors>")
    file.vector(np.maximum(priors, _LEAST_PRIOR))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(file))


def write_global_mean(mean: np.ndarray, path: Path) -> None:
    """global_cmvn.stats: sums and count, as of one second; vosk then normalises means online."""
    count = 100.0
    stats = np.zeros((2, DIMENSION + 1))
    stats[0, :DIMENSION], stats[0, DIMENSION] = mean * count, count
    stats[1, :DIMENSION] = (mean**2 + 1) * count
    file = KaldiWriter()
    file.doubles(stats)
    path.write_bytes(bytes(file))


def _transition_model(file: KaldiWriter, phone_count: int) -> None:
    """One emitting state a phone, with pdf class 0 for its first frame and 1 for its self-loop."""
    file.token("<TransitionModel>", "<Topology>")
    file.integers(list(range(1, phone_count + 1)))
    file.integers([-1] + [0] * phone_count)
    file.integer(-1)  # separate self-loop classes follow
    file.integer(1)
    file.integer(2)
    file.integer(0)
    file.integer(1)
    file.integer(2)
    for target in (0, 1):
        file.integer(target)
        file.single(0.5)
    file.integer(-1)
    file.integer(-1)
    file.integer(0)
    file.token("</Topology>", "<Tuples>")
    file.integer(phone_count)
    for phone in range(1, phone_count + 1):
        pdf = 0 if phone == 1 else 2 * ((phone - 2) // 4 + 1)
        for number in (phone, 0, pdf, pdf + 1):
            file.integer(number)
    file.token("</Tuples>", "<LogProbs>")
    file.vector(np.array([0.0] + [np.log(0.5)] * (2 * phone_count)))
    file.token("</LogProbs>", "</TransitionModel>")


class _Layers:
    """nnet3's configuration lines, and its components in the same order."""

    def __init__(self) -> None:
        self._lines = [f"input-node name=input dim={DIMENSION}"]
        self._components: list[tuple[str, Callable[[KaldiWriter], None]]] = []

    def add_network(self, network: Tdnn) -> None:
        first = _array(network.splice.weight) * np.tile(_array(network.scale), 2 * SPLICE + 1)
        offsets = range(-SPLICE, SPLICE + 1)
        spliced = ", ".join(f"Offset(input, {offset})" if offset else "input" for offset in offsets)
        self._affine("splice", f"Append({spliced})", first, _array(network.splice.bias), 16)
        current = self._rectified("splice", "splice", network.splice_norm)
        for number, layer in enumerate(network.factored, 2):
            current = self._factored(f"t{number}", current, layer)
        self._affine("tail", current, _array(network.tail.weight), np.zeros(network.shape.tail), 8)
        self._affine("last", "tail", _array(network.last.weight), _array(network.last.bias), 8)
        current = self._rectified("last", "last", network.last_norm)
        self._affine("out", current, _array(network.output.weight), _array(network.output.bias), 16)
        self._add("logs", "out", lambda file: _nonlinear(file, "LogSoftmaxComponent", network.shape.pdfs))
        self._lines.append("output-node name=output input=logs objective=linear")

    def write(self, file: KaldiWriter) -> None:
        file.token("<Nnet3>")
        file.raw(("\n" + "\n".join(self._lines) + "\n\n").encode())
        file.token("<NumComponents>")
        file.integer(len(self._components))
        for name, component in self._components:
            file.token("<ComponentName>", name)
            component(file)
        file.token("</Nnet3>")

    def _add(self, name: str, source: str, component: Callable[[KaldiWriter], None]) -> None:
        self._components.append((name, component))
        self._lines.append(f"component-node name={name} component={name} input={source}")

    def _affine(self, name: str, source: str, weight: np.ndarray, bias: np.ndarray, bits: int) -> None:
        def component(file: KaldiWriter) -> None:
            file.token("<FixedAffineComponent>", "<LinearParams>")
            file.compressed(weight, bits)
            file.token("<BiasParams>")
            file.vector(bias)
            file.token("</FixedAffineComponent>")

        self._add(name, source, component)

    def _rectified(self, name: str, source: str, norm: torch.nn.BatchNorm1d) -> str:
        scale = 1 / np.sqrt(_array(norm.running_var) + norm.eps)
        shift = -_array(norm.running_mean) * scale
        self._add(f"{name}.relu", source, lambda file: _nonlinear(file, "RectifiedLinearComponent", len(scale)))
        self._add(f"{name}.scale", f"{name}.relu", lambda file: _fixed(file, "Scale", "<Scales>", scale))
        self._add(f"{name}.shift", f"{name}.scale", lambda file: _fixed(file, "Bias", "<Bias>", shift))
        return f"{name}.shift"

    def _factored(self, name: str, source: str, layer: Factored) -> str:
        narrow = _array(layer.linear.weight)
        back = f"Append(Offset({source}, -{STRIDE}), {source})"
        self._affine(f"{name}.linear", back, narrow, np.zeros(len(narrow)), 8)
        ahead, behind = f"Offset({name}.linear, {STRIDE})", f"Offset({name}.linear, -{STRIDE})"
        beside = f"{name}.linear, {ahead}" if layer.looks_ahead else f"{behind}, {name}.linear"
        self._affine(f"{name}.affine", f"Append({beside})", _array(layer.affine.weight), _array(layer.affine.bias), 8)
        end = self._rectified(name, f"{name}.affine", layer.norm)
        width = len(layer.affine.bias)
        self._add(f"{name}.sum", f"Sum({end}, Scale({BYPASS:g}, {source}))", lambda file: _no_op(file, width))
        return f"{name}.sum"


def _array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().double().numpy()


def _fixed(file: KaldiWriter, kind: str, token: str, numbers: np.ndarray) -> None:
    file.token(f"<Fixed{kind}Component>", token)
    file.vector(numbers)
    file.token(f"</Fixed{kind}Component>")


def _no_op(file: KaldiWriter, width: int) -> None:
    file.token("<NoOpComponent>", "<Dim>")
    file.integer(width)
    file.token("<BackpropScale>")
    file.single(1.0)
    file.token("</NoOpComponent>")


def _nonlinear(file: KaldiWriter, kind: str, width: int) -> None:
    """A nonlinear component's statistics may be empty, but must be there."""
    file.token(f"<{kind}>", "<Dim>")
    file.integer(width)
    file.token("<ValueAvg>")
    file.vector(np.zeros(0))
    file.token("<DerivAvg>")
    file.vector(np.zeros(0))
    file.token("<Count>")
    file.double(0.0)
    file.token("<OderivRms>")
    file.vector(np.zeros(0))
    for name in ("<OderivCount>", "<NumDimsSelfRepaired>", "<NumDimsProcessed>"):
        file.token(name)
        file.double(0.0)
    file.token(f"</{kind}>")
