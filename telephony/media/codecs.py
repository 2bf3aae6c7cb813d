"""The audio codecs that may be negotiated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from telephony.media.g711 import ALaw, MuLaw, Pcm
from telephony.media.g722 import G722

PTIME_TICKS: Final = 160
"20 ms at the clock rate of 8000 that every codec of ours has: one packet."


@dataclass(frozen=True)
class Codec:
    """A codec as SDP names it, RFC 8866 section 6.6; names are matched in any case."""

    payload_type: int
    name: str
    clock_rate: int = 8000
    "Of RTP timestamps; 8000 for G.722 too, RFC 3551 section 4.5.2."


class Coder(Protocol):
    """One direction of one call: may keep state from packet to packet."""

    def decode(self, data: bytes) -> Pcm:
        """Return samples at the codec's sample rate."""

    def encode(self, samples: Pcm) -> bytes:
        """Return the payload for samples at the codec's sample rate."""


SUPPORTED: dict[str, Codec] = {
    "PCMA": Codec(8, "PCMA"),
    "PCMU": Codec(0, "PCMU"),
    "G722": Codec(9, "G722"),
}
"By upper-case name, with the static payload types of RFC 3551 section 6."

SAMPLE_RATES = {"PCMA": 8000, "PCMU": 8000, "G722": 16000}
_CODERS: dict[str, Callable[[], Coder]] = {"PCMA": ALaw, "PCMU": MuLaw, "G722": G722}


def is_supported(name: str, clock_rate: int = 8000) -> bool:
    """Whether an `a=rtpmap` line names a codec of ours; every one has a clock of 8000."""
    return name.upper() in SUPPORTED and clock_rate == 8000


def sample_rate(codec: Codec) -> int:
    """Return samples a second of the PCM that goes in and out."""
    return SAMPLE_RATES[codec.name.upper()]


def coder(codec: Codec) -> Coder:
    """Return a fresh encoder or decoder; one object serves one direction."""
    return _CODERS[codec.name.upper()]()
