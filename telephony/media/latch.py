"""From whom a call's audio is taken: the first valid source, until signalling names another or it falls silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SourceAddress = tuple[str, int]

SAME_SOURCE_SECONDS: Final = 0.1
"A PBX that connects the caller to another party changes the SSRC in the midst of the stream: five packets lost."
OTHER_SOURCE_SECONDS: Final = 2.0
"Longer than a talker's pause between keep-alives is rare to matter; short enough that a phone may change networks."


@dataclass
class Latch:
    """The address and synchronisation source that a call listens to."""

    address: SourceAddress | None = None
    ssrc: int | None = None
    heard: float = 0.0
    _signalled: SourceAddress | None = None

    def signal(self, address: SourceAddress) -> None:
        """Take the address that SDP names; a different one than before opens the latch."""
        if address != self._signalled and self._signalled is not None:
            self.address = self.ssrc = None
        self._signalled = address

    def admits(self, address: SourceAddress, ssrc: int, now: float) -> bool:
        """Whether a valid packet belongs to the call; a change of source or SSRC is made here."""
        if self.address == address and self.ssrc == ssrc:
            self.heard = now
            return True
        if self.address is not None and not self._may_change(address, now):
            return False
        self.address, self.ssrc, self.heard = address, ssrc, now
        return True

    def _may_change(self, address: SourceAddress, now: float) -> bool:
        if address == self.address:
            return now - self.heard > SAME_SOURCE_SECONDS
        if address == self._signalled:
            return True  # somebody else was first, but this is whom signalling named
        return now - self.heard > OTHER_SOURCE_SECONDS
