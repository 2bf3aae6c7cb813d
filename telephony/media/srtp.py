"""SRTP keyed by SDP, RFC 3711 and RFC 4568, with libsrtp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pylibsrtp import Error, Policy, Session

PROFILES: Final = {
    "AES_CM_128_HMAC_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    "AES_CM_128_HMAC_SHA1_32": Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
}
"RFC 4568 section 6.2, those that every peer has."
KEY_LENGTH: Final = 30
"16 bytes of master key and 14 of salt."


@dataclass(frozen=True)
class SrtpKeys:
    """What an answered `a=crypto` line agreed on; each key is `KEY_LENGTH` bytes, key and salt."""

    suite: str
    local_key: bytes
    "Protects what we send: the key in our own SDP."
    remote_key: bytes
    "Opens what we receive: the key in the peer's SDP."

    def __post_init__(self) -> None:
        if self.suite not in PROFILES:
            raise ValueError("SRTP suite is not supported")
        if len(self.local_key) != KEY_LENGTH or len(self.remote_key) != KEY_LENGTH:
            raise ValueError("SRTP key is not 30 bytes")

    def __repr__(self) -> str:
        return f"SrtpKeys({self.suite})"  # keys never reach a log


class Cipher:
    """Protects and opens the packets of one call."""

    def __init__(self, keys: SrtpKeys) -> None:
        self.keys = keys
        profile = PROFILES[keys.suite]
        self._outgoing = Session(Policy(keys.local_key, Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))
        self._incoming = Session(Policy(keys.remote_key, Policy.SSRC_ANY_INBOUND, srtp_profile=profile))

    def protect(self, packet: bytes) -> bytes:
        """Return the SRTP packet."""
        return self._outgoing.protect(packet)

    def protect_rtcp(self, packet: bytes) -> bytes:
        """Return the SRTCP packet."""
        return self._outgoing.protect_rtcp(packet)

    def open(self, packet: bytes) -> bytes:
        """Return the RTP packet; raises `ValueError` when it is forged, repeated or no SRTP."""
        try:
            return self._incoming.unprotect(packet)
        except (Error, TypeError) as error:
            raise ValueError("SRTP packet does not open") from error

    def open_rtcp(self, packet: bytes) -> bytes:
        """Return the RTCP packet; raises `ValueError` as `open` does."""
        try:
            return self._incoming.unprotect_rtcp(packet)
        except (Error, TypeError) as error:
            raise ValueError("SRTCP packet does not open") from error
