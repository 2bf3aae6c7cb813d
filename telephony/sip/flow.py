"""Where a message came from or goes: the pair of addresses, and the connection when there is one (RFC 5626's word)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Transport = Literal["UDP", "TCP", "TLS"]


@dataclass(frozen=True)
class Flow:
    """One way to a peer."""

    transport: Transport
    remote: tuple[str, int]
    local: tuple[str, int] = ("", 0)
    "Address and port that the peer can send to."
    connection: int = 0
    "Number of the stream connection; 0 for UDP, and for one that is yet to be opened."

    @property
    def reliable(self) -> bool:
        """Whether the transport retransmits by itself."""
        return self.transport != "UDP"

    def towards(self, remote: tuple[str, int], transport: Transport) -> Flow:
        """Return a flow to another place; the same one when it is the same place."""
        if remote == self.remote and transport == self.transport:
            return self
        return replace(self, remote=remote, transport=transport, connection=0)
