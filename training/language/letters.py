"""Latin letters as Mandarin speakers say them on number plates and certificates."""

from __future__ import annotations

LETTERS: dict[str, tuple[str, ...]] = {
    "A": ("ei1",),
    "B": ("bi4",),
    "C": ("xi1",),
    "D": ("di4",),
    "E": ("yi4",),
    "F": ("ai2", "fu5"),
    "G": ("ji4",),
    "H": ("ai2", "chi5"),
    "J": ("zhei4",),
    "K": ("kei4",),
    "L": ("ai2", "lou5"),
    "M": ("ai2", "mu5"),
    "N": ("en1",),
    "P": ("pi4",),
    "Q": ("kiu4",),
    "R": ("a1", "er5"),
    "S": ("ai2", "si5"),
    "T": ("ti4",),
    "U": ("you4",),
    "V": ("wei4",),
    "W": ("da2", "bu5", "liu5"),
    "X": ("ai2", "ke5", "si5"),
    "Y": ("wai4",),
    "Z": ("zei4",),
}
"""Letter to syllables. `kiu` is no syllable of Mandarin; people say it for Q, which is Linyi's letter (鲁Q)."""
