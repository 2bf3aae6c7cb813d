"""One sub-band of G.722: the scale factor and the predictor that both ends adapt alike, ITU-T G.722 section 3.6."""

from __future__ import annotations

from typing import Final

LOW_INVERSE_6: Final = (
    *(-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576),
    *(-7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040),
    *(-728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456),
    *(4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136),
)
"QM6: what each of the 64 codes of the lower band says, in 32768ths of the scale."
LOW_INVERSE: Final = (
    *(0, -20456, -12896, -8968, -6288, -4240, -2584, -1200),
    *(20456, 12896, 8968, 6288, 4240, 2584, 1200, 0),
)
"QM4: the same of its four leading bits, which alone drive adaptation."
HIGH_INVERSE: Final = (-7408, -1616, 7408, 1616)
"QM2, of the higher band."

_LOW_STEPS: Final = (-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60)
"WL by way of RL42: how the logarithm of the scale moves with each code."
_HIGH_STEPS: Final = (798, -214, 798, -214)
"WH by way of RH2."
_LOGARITHMS: Final = (
    *(2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834),
    *(2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008),
)
"ILB."


def _scales(highest: int, shift: int) -> tuple[int, ...]:
    """SCALEL and SCALEH for every 64th of the logarithm, which is as fine as they look at it."""
    scales = []
    for nb in range(0, highest + 64, 64):
        right = shift - (nb >> 11)
        mantissa = _LOGARITHMS[nb >> 6 & 31]
        scales.append((mantissa >> right if right >= 0 else mantissa << -right) << 2)
    return tuple(scales)


class Band:
    """The state of one sub-band; `estimate` is what the next sample is thought to be, `scale` its step."""

    __slots__ = (
        "_differences",
        "_doubled",
        "_highest",
        "_logarithm",
        "_partial",
        "_poles",
        "_rebuilt_doubled",
        "_scales",
        "_steps",
        "_zero_estimate",
        "_zeros",
        "estimate",
        "scale",
    )

    def __init__(self, scale: int, steps: tuple[int, ...], highest: int, shift: int) -> None:
        self.scale = scale
        self.estimate = 0
        self._steps = steps
        self._highest = highest
        self._scales = _scales(highest, shift)
        self._logarithm = 0
        self._poles = (0, 0)
        self._zeros = (0, 0, 0, 0, 0, 0)
        self._differences = (0, 0, 0, 0, 0, 0)
        self._doubled = (0, 0, 0, 0, 0)
        self._rebuilt_doubled = 0
        self._partial = (0, 0)
        self._zero_estimate = 0

    @property
    def tables(self) -> tuple[tuple[int, ...], int, tuple[int, ...]]:
        """The steps of the scale's logarithm by code, its highest value, and the scale for every 64th of it."""
        return self._steps, self._highest, self._scales

    def adapt(self, code: int, d: int) -> None:  # noqa: PLR0915 - one sample's way through, 16 000 times a second
        """Learn from a code and the quantised difference `d` it stands for: blocks 3 and 4 of the standard.

        Written without calls, and saturating by comparison only where 16 bits can be left: twice as fast.
        """
        logarithm = (self._logarithm * 127 >> 7) + self._steps[code]
        if not 0 <= logarithm <= self._highest:
            logarithm = 0 if logarithm < 0 else self._highest
        self._logarithm = logarithm
        self.scale = self._scales[logarithm >> 6]

        # RECONS and PARREC: the signal with and without its poles.
        rebuilt, p = self.estimate + d, self._zero_estimate + d
        if not -32768 <= rebuilt <= 32767:
            rebuilt = _saturate(rebuilt)
        p1, p2 = self._partial
        self._partial = p, p1

        # UPPOL2 and UPPOL1: the signs of the partial signal now, one and two samples ago move the poles.
        a1, a2 = self._poles
        wd = 4 * a1 if -8192 <= a1 <= 8191 else _saturate(4 * a1)
        a2 = a2 * 32512 >> 15
        if (p ^ p1) >= 0:
            a2 += min(-wd, 32767) >> 7
            a1 = (a1 * 32640 >> 15) + 192
        else:
            a2 += wd >> 7
            a1 = (a1 * 32640 >> 15) - 192
        a2 += 128 if (p ^ p2) >= 0 else -128
        if not -12288 <= a2 <= 12288:
            a2 = -12288 if a2 < 0 else 12288
        limit = 15360 - a2
        if not -limit <= a1 <= limit:
            a1 = -limit if a1 < 0 else limit
        self._poles = a1, a2

        # UPZERO and FILTEZ: six taps over the past differences.
        b1, b2, b3, b4, b5, b6 = self._zeros
        d1, d2, d3, d4, d5, d6 = self._differences
        up = 128 if d else 0
        down = -up
        b1 = (b1 * 32640 >> 15) + (up if (d ^ d1) >= 0 else down)
        b2 = (b2 * 32640 >> 15) + (up if (d ^ d2) >= 0 else down)
        b3 = (b3 * 32640 >> 15) + (up if (d ^ d3) >= 0 else down)
        b4 = (b4 * 32640 >> 15) + (up if (d ^ d4) >= 0 else down)
        b5 = (b5 * 32640 >> 15) + (up if (d ^ d5) >= 0 else down)
        b6 = (b6 * 32640 >> 15) + (up if (d ^ d6) >= 0 else down)
        e1, e2, e3, e4, e5 = self._doubled
        e = 2 * d if -16384 <= d <= 16383 else _saturate(2 * d)
        zero = (b1 * e >> 15) + (b2 * e1 >> 15) + (b3 * e2 >> 15)
        zero += (b4 * e3 >> 15) + (b5 * e4 >> 15) + (b6 * e5 >> 15)
        if not -32768 <= zero <= 32767:
            zero = _saturate(zero)
        self._zeros = b1, b2, b3, b4, b5, b6
        self._differences = d, d1, d2, d3, d4, d5
        self._doubled = e, e1, e2, e3, e4

        # FILTEP and PREDIC.
        doubled = 2 * rebuilt if -16384 <= rebuilt <= 16383 else _saturate(2 * rebuilt)
        pole = (a1 * doubled >> 15) + (a2 * self._rebuilt_doubled >> 15)
        self._rebuilt_doubled = doubled
        estimate = (pole if -32768 <= pole <= 32767 else _saturate(pole)) + zero
        self.estimate = estimate if -32768 <= estimate <= 32767 else _saturate(estimate)
        self._zero_estimate = zero


def _saturate(value: int) -> int:
    return value if -32768 <= value <= 32767 else 32767 if value > 0 else -32768


def low_band() -> Band:
    """0 to 4 kHz, six bits."""
    return Band(32, _LOW_STEPS, 18432, 8)


def high_band() -> Band:
    """4 to 8 kHz, two bits."""
    return Band(8, _HIGH_STEPS, 22528, 10)
