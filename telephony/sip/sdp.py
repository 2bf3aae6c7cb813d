"""Session descriptions: what an offer holds that we use, read with tolerance and within bounds (RFC 8866)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

LARGEST_DESCRIPTION = 16_384
MOST_LINES = 400
"Linphone's offers have 60 lines, a browser's 150."
MOST_MEDIA = 16

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
DIRECTIONS: tuple[Direction, ...] = ("sendrecv", "sendonly", "recvonly", "inactive")
# Payload types that need no rtpmap (RFC 3551 table 4); G.722's clock is 8000 by that table's own mistake.
STATIC = {0: ("PCMU", 8000), 3: ("GSM", 8000), 8: ("PCMA", 8000), 9: ("G722", 8000), 18: ("G729", 8000)}
MEDIA = re.compile(r"(\S+)\s+(\d{1,5})(?:/\d+)?\s+(\S+)\s*(.*)")
RTPMAP = re.compile(r"(\d{1,3})\s+([^/\s]+)/(\d{1,6})(?:/(\d+))?")
RTCP = re.compile(r"(\d{1,5})(?:\s|$)")
CRYPTO = re.compile(r"(\d{1,9})\s+(\S+)\s+inline:([A-Za-z0-9+/=]+)(\|\S*)?(.*)")


@dataclass(frozen=True)
class RtpMap:
    """A payload type and what it stands for."""

    payload_type: int
    name: str
    clock_rate: int


@dataclass(frozen=True)
class Crypto:
    """One SDES key (RFC 4568): the base64 text is master key and salt."""

    tag: int
    suite: str
    key: str


@dataclass
class Media:
    """One m= section."""

    kind: str
    port: int
    protocol: str
    formats: list[str]
    host: str = ""
    direction: Direction | None = None
    rtpmaps: dict[int, RtpMap] = field(default_factory=dict)
    cryptos: list[Crypto] = field(default_factory=list)
    rtcp_mux: bool = False
    rtcp_port: int | None = None

    def payload_types(self) -> list[RtpMap]:
        """Return what is offered, in the offer's order, unknown static numbers left out."""
        numbers = [int(text) for text in self.formats if text.isdecimal() and int(text) < 128]
        known = {number: RtpMap(number, *what) for number, what in STATIC.items()} | self.rtpmaps
        return [known[number] for number in numbers if number in known]


@dataclass
class SessionDescription:
    """A whole description."""

    origin: str = ""
    host: str = ""
    direction: Direction = "sendrecv"
    media: list[Media] = field(default_factory=list)


def parse_sdp(body: bytes) -> SessionDescription:
    """Return the description; raises `ValueError` when it is none. Lines may end with LF alone; unknown ones pass."""
    if len(body) > LARGEST_DESCRIPTION:
        raise ValueError("Session description is too large")
    lines = body.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    if len(lines) > MOST_LINES or not lines[0].strip().startswith("v=0"):
        raise ValueError("Session description is not valid")
    session = SessionDescription()
    for line in lines:
        kind, equals, value = line.strip().partition("=")
        if line.strip() and (not equals or len(kind) != 1):
            raise ValueError("Session description has a line without a type")
        _read_line(session, kind, value.strip())
    if not session.media:
        raise ValueError("Session description has no media")
    return session


def _read_line(session: SessionDescription, kind: str, value: str) -> None:
    media = session.media[-1] if session.media else None
    if kind == "m":
        session.media.append(_media(value))
        if len(session.media) > MOST_MEDIA:
            raise ValueError("Session description has too many media")
    elif kind == "c":
        (media or session).host = _connection(value)
    elif kind == "o":
        session.origin = value
    elif kind == "a":
        _read_attribute(session, media, value)


def _media(value: str) -> Media:
    match = MEDIA.fullmatch(value)
    if match is None or int(match[2]) > 65535:
        raise ValueError("Media line is not valid")
    return Media(match[1].lower(), int(match[2]), match[3].upper(), match[4].split())


def _connection(value: str) -> str:
    parts = value.split()
    if len(parts) < 3 or parts[0].upper() != "IN":
        raise ValueError("Connection line is not valid")
    return parts[2].partition("/")[0]


def _read_attribute(session: SessionDescription, media: Media | None, value: str) -> None:
    name, _, text = value.partition(":")
    if value in DIRECTIONS:
        if media is None:
            session.direction = value
        else:
            media.direction = value
    elif media is None:
        return
    elif name == "rtpmap" and (match := RTPMAP.match(text)):
        number = int(match[1])
        media.rtpmaps.setdefault(number, RtpMap(number, match[2].upper(), int(match[3])))
    elif name == "rtcp-mux":
        media.rtcp_mux = True
    elif name == "rtcp" and (match := RTCP.match(text)) and 0 < int(match[1]) < 65536:
        media.rtcp_port = int(match[1])
    elif name == "crypto" and (match := CRYPTO.match(text)):
        media.cryptos.append(Crypto(int(match[1]), match[2].upper(), match[3]))
