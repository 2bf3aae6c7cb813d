"""What an offer and its answer agreed on for a call's audio, RFC 3264."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from telephony.media.codecs import Codec
from telephony.media.latch import SourceAddress

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]


@dataclass(frozen=True)
class Agreement:
    """One state of a session; a re-INVITE makes another."""

    remote: SourceAddress
    "Where the peer's SDP wants RTP."
    codec: Codec
    telephone_event_payload_type: int | None
    direction: Direction
    "In our own SDP."
    peer_host: str = ""
    "Where SIP comes from; the caller's media may, too."
    rtcp_port: int | None = None
    """Of the peer: None is the port after RTP's, RTP's own is RFC 5761's rtcp-mux, any other one is named by RFC 3605's
    `a=rtcp`."""

    @property
    def multiplexed(self) -> bool:
        """Whether RTCP goes over the port of RTP."""
        return self.rtcp_port == self.remote[1]

    @property
    def hears(self) -> bool:
        """Whether the peer may send."""
        return self.direction in ("sendrecv", "recvonly")

    @property
    def says(self) -> bool:
        """Whether we may send."""
        return self.direction in ("sendrecv", "sendonly")
