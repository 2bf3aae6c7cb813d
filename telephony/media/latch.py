"""From whom a call's audio is taken: the first valid source, until signalling names another or it falls silent.

Anybody may send to a port that he guesses. A source is plausible when signalling knows its host: the one in the SDP, or
the one that SIP comes from. An implausible one (media that comes through another NAT) is heard while there is no
plausible one; it gives way to one at once, and never takes its place.
"""

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
    _hosts: frozenset[str] = frozenset()

    def signal(self, address: SourceAddress, peer_host: str = "") -> None:
        """Take the address that SDP names (a new one opens the latch), and the host of the SIP peer."""
        if address != self._signalled and self._signalled is not None:
            self.address = self.ssrc = None
        self._signalled = address
        self._hosts = frozenset({address[0], peer_host})

    def admits(self, address: SourceAddress, ssrc: int, now: float) -> bool:
        """Whether a valid packet belongs to the call; a change of source or SSRC is made here."""
        if self.address == address and self.ssrc == ssrc:
            self.heard = now
            return True
        if self.address is not None and not self._may_change(self.address, address, now):
            return False
        self.address, self.ssrc, self.heard = address, ssrc, now
        return True

    def _may_change(self, old: SourceAddress, new: SourceAddress, now: float) -> bool:
        if new == old:
            return now - self.heard > SAME_SOURCE_SECONDS
        if new == self._signalled:
            return True  # somebody else was first, but this is whom signalling named
        was_plausible, is_plausible = old[0] in self._hosts, new[0] in self._hosts
        if was_plausible != is_plausible:
            return is_plausible
        return now - self.heard > OTHER_SOURCE_SECONDS
