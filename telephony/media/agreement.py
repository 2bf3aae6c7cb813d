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

    @property
    def hears(self) -> bool:
        """Whether the peer may send."""
        return self.direction in ("sendrecv", "recvonly")

    @property
    def says(self) -> bool:
        """Whether we may send."""
        return self.direction in ("sendrecv", "sendonly")
