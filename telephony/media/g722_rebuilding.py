"""Decoding one sub-band of G.722 in blocks, bit for bit what `Band` does sample by sample, in half its time.

A decoder knows every code of a block beforehand. The scale factors and the quantised differences follow from the codes
alone, and so do the signs by which the six zeros adapt; only the poles need the signal itself. So numpy does what looks
at one sample at a time, and three short loops what looks back. In the second loop the six zeros are the six 32-bit
lanes of one integer: one multiplication moves all of them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from telephony.media.g722_band import Band

Values = npt.NDArray[np.int64]

_TAPS: Final = 6
_BIAS: Final = 65536
"Keeps a lane positive; 255 / 256 of it is whole."
_LANES: Final = tuple(32 * tap for tap in range(_TAPS))
_MASK: Final = sum(0xFFFFFF << lane for lane in _LANES)
"Without the byte that the shift brings in from the lane above."
_STILL: Final = 1 << _TAPS
"Index of the step for a difference of 0, which only lets the zeros leak."
_STEPS: Final = (
    *(
        sum(256 + (128 if signs >> tap & 1 else -128) << lane for tap, lane in enumerate(_LANES))
        for signs in range(_STILL)
    ),
    sum(256 << lane for lane in _LANES),
)
"What is added to all lanes, by which of the last six differences have the sign of this one."


class Rebuilding:
    """The state of one sub-band of a decoder."""

    def __init__(self, start: Band, inverse: tuple[int, ...]) -> None:
        self._steps, self._highest, self._scales = start.tables
        self._scale_table = np.array(self._scales, np.int64)
        self._step_table = np.array(self._steps, np.int64)
        self._inverse = np.array(inverse, np.int64)
        self._logarithm = 0
        self._zeros = sum(_BIAS << lane for lane in _LANES)
        self._differences = np.zeros(_TAPS, np.int64)
        self._partial = np.zeros(2, np.int64)
        self._zero_estimate = 0
        self._poles = (0, 0)
        self._doubled = 0
        self._estimate = 0

    def rebuild(self, codes: Values) -> tuple[Values, Values]:
        """Return what each sample was thought to be before its code came, and the scale it was coded with."""
        scales = self._scale_table[np.array(self._logarithms(codes)) >> 6]
        differences = scales * self._inverse[codes] >> 15
        history = np.concatenate((self._differences, differences))
        self._differences = history[len(codes) :]
        zero_estimates = self._zero_estimates(history, differences)
        before = np.concatenate(([self._zero_estimate], zero_estimates[:-1]))
        self._zero_estimate = int(zero_estimates[-1])
        partial = np.concatenate((self._partial, before + differences))
        self._partial = partial[-2:]
        estimates = self._estimates(differences, zero_estimates, partial)
        return np.array(estimates, np.int64), scales

    def _logarithms(self, codes: Values) -> list[int]:
        """Blocks LOGSCL and LOGSCH: the logarithm of the scale before each code."""
        logarithm, highest = self._logarithm, self._highest
        logarithms = []
        for step in self._step_table[codes].tolist():
            logarithms.append(logarithm)
            logarithm = (logarithm * 127 >> 7) + step
            if not 0 <= logarithm <= highest:
                logarithm = 0 if logarithm < 0 else highest
        self._logarithm = logarithm
        return logarithms

    def _zero_estimates(self, history: Values, differences: Values) -> Values:
        """Blocks UPZERO and FILTEZ."""
        count = len(differences)
        index = np.zeros(count, np.int64)
        for tap in range(_TAPS):
            before = history[_TAPS - 1 - tap : _TAPS - 1 - tap + count]
            index |= ((differences ^ before) >= 0).astype(np.int64) << tap
        index[differences == 0] = _STILL
        zeros, rows = self._zeros, []
        for signs in index.tolist():
            zeros = (zeros * 255 >> 8 & _MASK) + _STEPS[signs]
            rows.append(zeros.to_bytes(4 * _TAPS, "little"))
        self._zeros = zeros
        taps = np.frombuffer(b"".join(rows), "<u4").reshape(-1, _TAPS).astype(np.int64) - _BIAS
        doubled = (2 * history[1:]).clip(-32768, 32767)
        past = np.lib.stride_tricks.sliding_window_view(doubled, _TAPS)[:, ::-1]
        return np.asarray((taps * past >> 15).sum(axis=1).clip(-32768, 32767), np.int64)

    def _estimates(self, differences: Values, zero_estimates: Values, partial: Values) -> list[int]:
        """Blocks UPPOL1, UPPOL2, FILTEP, PREDIC and RECONS: the part that needs the signal."""
        now = partial[2:]
        same = ((now ^ partial[1:-1]) >= 0).tolist()
        second = np.where((now ^ partial[:-2]) >= 0, 128, -128).tolist()
        a1, a2 = self._poles
        estimate, doubled_before = self._estimate, self._doubled
        estimates = []
        rows = zip(differences.tolist(), zero_estimates.tolist(), same, second, strict=True)
        for difference, zero, is_same, step in rows:
            estimates.append(estimate)
            wd = 4 * a1
            if not -32768 <= wd <= 32767:
                wd = -32768 if wd < 0 else 32767
            if is_same:
                a2 = (a2 * 127 >> 7) + (min(-wd, 32767) >> 7) + step
                a1 = (a1 * 255 >> 8) + 192
            else:
                a2 = (a2 * 127 >> 7) + (wd >> 7) + step
                a1 = (a1 * 255 >> 8) - 192
            if not -12288 <= a2 <= 12288:
                a2 = -12288 if a2 < 0 else 12288
            limit = 15360 - a2
            if not -limit <= a1 <= limit:
                a1 = -limit if a1 < 0 else limit
            doubled = 2 * (estimate + difference)
            if not -32768 <= doubled <= 32767:
                doubled = -32768 if doubled < 0 else 32767
            pole = (a1 * doubled >> 15) + (a2 * doubled_before >> 15)
            doubled_before = doubled
            if not -32768 <= pole <= 32767:
                pole = -32768 if pole < 0 else 32767
            estimate = pole + zero
            if not -32768 <= estimate <= 32767:
                estimate = -32768 if estimate < 0 else 32767
        self._poles, self._estimate, self._doubled = (a1, a2), estimate, doubled_before
        return estimates
