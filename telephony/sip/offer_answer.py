"""Offer and answer: which line and codec are taken, and our description of them (RFC 3264)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from telephony.sip.sdp import Crypto, Direction, Media, RtpMap, SessionDescription

TELEPHONE_EVENT_TYPE = 101
"The number we offer; every client uses it."
MIRRORED: dict[Direction, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
HELD: dict[Direction, Direction] = {"sendrecv": "recvonly", "sendonly": "inactive"}
NOWHERE = {"0.0.0.0", "::"}  # noqa: S104 - RFC 2543's way to put a call on hold, not an address to bind
SRTP_SUITES = ("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32")
OFFERED = {"PCMA": RtpMap(8, "PCMA", 8000), "PCMU": RtpMap(0, "PCMU", 8000), "G722": RtpMap(9, "G722", 8000)}


@dataclass(frozen=True)
class Agreement:
    """What both sides have agreed to send; directions are ours."""

    index: int
    "Which m= line of the offer."
    codec: RtpMap
    telephone_event: RtpMap | None
    remote: tuple[str, int]
    direction: Direction
    protocol: str = "RTP/AVP"
    crypto: Crypto | None = None
    "The peer's key, when the line is SRTP."
    rtcp_mux: bool = False
    "RTCP goes over the port of RTP (RFC 5761)."
    rtcp_port: int | None = None
    "The peer's, when it is not the one after RTP's (RFC 3605)."

    @property
    def held(self) -> bool:
        """Whether the caller does not listen to us now."""
        return self.direction in {"recvonly", "inactive"}


def agree(session: SessionDescription, codecs: Sequence[str], *, srtp: bool, chosen: bool = False) -> Agreement | None:
    """Return what we take of a description, None when there is nothing we can speak.

    Of an offer we take the best of ours: what a phone lists first may cost twenty times as much to decode. Of an answer
    (`chosen`) the first counts, which is what the other side sends (RFC 3264 section 6.1).
    """
    for index, media in enumerate(session.media):
        if agreement := _agree_on(session, media, index, codecs, srtp, chosen):
            return agreement
    return None


def _agree_on(
    session: SessionDescription, media: Media, index: int, codecs: Sequence[str], srtp: bool, chosen: bool
) -> Agreement | None:
    if media.kind != "audio" or media.port == 0:
        return None
    crypto = next((crypto for crypto in media.cryptos if crypto.suite in SRTP_SUITES), None)
    if media.protocol in {"RTP/SAVP", "RTP/SAVPF"}:
        if not srtp or crypto is None:
            return None
    elif media.protocol in {"RTP/AVP", "RTP/AVPF"}:
        crypto = None
    else:
        return None
    offered = media.payload_types()
    known = [each for each in offered if each.name in codecs and each.clock_rate == 8000]
    if not known:
        return None
    codec = known[0] if chosen else min(known, key=lambda each: codecs.index(each.name))
    # Clients offer one telephone-event for every clock rate of their codecs; ours is always 8000.
    event = next((each for each in offered if each.name == "TELEPHONE-EVENT" and each.clock_rate == 8000), None)
    host = media.host or session.host
    direction = MIRRORED[media.direction or session.direction]
    if host in NOWHERE:
        direction = HELD.get(direction, direction)
    rtcp_port = media.port if media.rtcp_mux else media.rtcp_port
    remote = host, media.port
    return Agreement(
        index, codec, event, remote, direction, media.protocol, crypto, rtcp_mux=media.rtcp_mux, rtcp_port=rtcp_port
    )


@dataclass(frozen=True)
class LocalMedia:
    """Our end: where we hear, and what names our descriptions."""

    host: str
    port: int
    session_id: int
    version: int = 1
    key: Crypto | None = None
    "Our SRTP key."

    def next_version(self) -> LocalMedia:
        """Return the same with the version that a changed description must have (RFC 3264 section 8)."""
        return replace(self, version=self.version + 1)


def write_answer(offer: SessionDescription, agreement: Agreement, local: LocalMedia) -> bytes:
    """Return our answer: the agreed line, and port 0 for every other one (RFC 3264 section 6)."""
    lines = _session_lines(local)
    for index, media in enumerate(offer.media):
        if index == agreement.index:
            payloads = [agreement.codec] + ([agreement.telephone_event] if agreement.telephone_event else [])
            lines += _audio_lines(local, agreement.protocol, payloads, agreement.direction)
            lines += ["a=rtcp-mux"] if agreement.rtcp_mux else []
        else:
            lines.append(f"m={media.kind} 0 {media.protocol} {' '.join(media.formats) or '0'}")
    return _joined(lines)


def write_offer(codecs: Iterable[str], local: LocalMedia, direction: Direction = "sendrecv") -> bytes:
    """Return our offer: every codec we have, and telephone-event."""
    payloads = [OFFERED[name] for name in codecs] + [RtpMap(TELEPHONE_EVENT_TYPE, "TELEPHONE-EVENT", 8000)]
    return _joined(_session_lines(local) + _audio_lines(local, _protocol(local), payloads, direction))


def _protocol(local: LocalMedia) -> str:
    return "RTP/SAVP" if local.key else "RTP/AVP"


def _session_lines(local: LocalMedia) -> list[str]:
    family = "IP6" if ":" in local.host else "IP4"
    return [
        "v=0",
        f"o=- {local.session_id} {local.version} IN {family} {local.host}",
        "s=-",
        f"c=IN {family} {local.host}",
        "t=0 0",
    ]


def _audio_lines(local: LocalMedia, protocol: str, payloads: list[RtpMap], direction: Direction) -> list[str]:
    lines = [f"m=audio {local.port} {protocol} {' '.join(str(each.payload_type) for each in payloads)}"]
    for each in payloads:
        name = "telephone-event" if each.name == "TELEPHONE-EVENT" else each.name
        lines.append(f"a=rtpmap:{each.payload_type} {name}/{each.clock_rate}")
        if name == "telephone-event":
            lines.append(f"a=fmtp:{each.payload_type} 0-15")
    if local.key is not None:
        lines.append(f"a=crypto:{local.key.tag} {local.key.suite} inline:{local.key.key}")
    return [*lines, "a=ptime:20", f"a={direction}"]


def _joined(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode()
