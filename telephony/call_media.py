"""One call's media as SIP sees it: the session, our end of the description, and what was agreed last."""

from __future__ import annotations

import base64
import secrets
from dataclasses import replace

from telephony.media.codecs import SUPPORTED, Codec
from telephony.media.session import MediaSession
from telephony.media.srtp import KEY_LENGTH, SrtpKeys
from telephony.sip.internet_address import is_address
from telephony.sip.offer_answer import Agreement, LocalMedia, agree, write_answer, write_offer
from telephony.sip.sdp import Crypto, RtpMap, SessionDescription, parse_sdp


class CallMedia:
    """Answers offers, makes offers, and tells the `MediaSession` what came of them."""

    def __init__(
        self, session: MediaSession, local: LocalMedia, codecs: tuple[str, ...], *, peer: str, srtp: bool
    ) -> None:
        self.session = session
        self.codec = ""
        self._local = local
        self._codecs = codecs
        self._peer = peer
        self._srtp = srtp

    def answer(self, offer: bytes) -> bytes | None:
        """Return our answer, None when nothing in the offer can be met; raises `ValueError` for a broken offer."""
        session = parse_sdp(offer)
        agreement = agree(session, self._codecs, srtp=self._srtp)
        if agreement is None:
            return None
        if agreement.crypto is not None:
            self._local = replace(self._local, key=self._own_key(agreement.crypto))
        self._configure(agreement)
        answer = write_answer(session, agreement, self._local)
        self._local = self._local.next_version()
        return answer

    def offer(self) -> bytes:
        """Return an offer of ours; until its answer comes the first codec is expected from wherever it comes."""
        if not self.codec:
            first = SUPPORTED[self._codecs[0]]
            self.session.configure((self._peer, 9), first, None, "recvonly")
        offer = write_offer(self._codecs, self._local)
        self._local = self._local.next_version()
        return offer

    def take_answer(self, answer: bytes) -> bool:
        """Take the answer to our offer; False when it is none."""
        try:
            agreement = agree(parse_sdp(answer), self._codecs, srtp=self._srtp, chosen=True)
        except ValueError:
            return False
        if agreement is not None:
            self._configure(agreement)
        return agreement is not None

    def _own_key(self, theirs: Crypto) -> Crypto:
        """Return our key under the peer's tag; it stays the same for the whole call (RFC 4568 section 7.1.4)."""
        key = self._local.key.key if self._local.key else new_key()
        return Crypto(theirs.tag, theirs.suite, key)

    def _configure(self, agreement: Agreement) -> None:
        self.codec = agreement.codec.name
        event = agreement.telephone_event
        self.session.configure(
            self._reachable(*agreement.remote),
            _codec(agreement.codec),
            event.payload_type if event else None,
            agreement.direction,
            self._keys(agreement.crypto),
            peer_host=self._peer,
            rtcp_port=agreement.rtcp_port,
        )

    def _reachable(self, host: str, port: int) -> tuple[str, int]:
        # A name would have to be resolved, and `c=IN IP6` over IPv4 signalling cannot be reached: in both cases the
        # signalling's address is tried until the caller's RTP shows where it is.
        if is_address(host) and (":" in host) == (":" in self._peer):
            return host, port
        return self._peer, port

    def _keys(self, theirs: Crypto | None) -> SrtpKeys | None:
        ours = self._local.key
        if theirs is None or ours is None:
            return None
        return SrtpKeys(theirs.suite, base64.b64decode(ours.key), base64.b64decode(theirs.key))


def meets(offer: bytes, codecs: tuple[str, ...], *, srtp: bool) -> bool:
    """Whether an offer holds something we speak; raises `ValueError` for a broken one."""
    session: SessionDescription = parse_sdp(offer)
    return agree(session, codecs, srtp=srtp) is not None


def new_key() -> str:
    """Return a fresh SDES master key and salt as base64."""
    return base64.b64encode(secrets.token_bytes(KEY_LENGTH)).decode()


def _codec(rtpmap: RtpMap) -> Codec:
    return Codec(rtpmap.payload_type, rtpmap.name, rtpmap.clock_rate)
