"""`sip:`, `sips:` and `tel:` URIs (RFC 3261 section 19.1, RFC 3966); any other scheme is kept as opaque text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote

from telephony.sip.parameters import Parameters, parse_parameters

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
# Hosts with an underscore are not RFC 1123 names, but containers are called so.
SIP = re.compile(
    r"(?:(?P<user>(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/#\[\]]|%[0-9A-Fa-f]{2}|[^\x00-\x7f])*)"
    r"(?::(?P<password>(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*))?@)?"
    r"(?P<host>[A-Za-z0-9\-_.]+|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<parameters>;[^?]*)?"
    r"(?P<headers>\?.*)?"
)
TEL = re.compile(r"(?P<user>\+?[0-9A-Fa-f*#\-.()]+)(?P<parameters>;.*)?")
SURROUNDED = re.compile(r"[\s<>\"]")


@dataclass(frozen=True)
class Uri:
    """A URI with its parts; `text` is what stood on the wire and goes back to it unchanged."""

    text: str
    scheme: str
    user: str = ""
    host: str = ""
    port: int | None = None
    parameters: Parameters = field(default_factory=dict, hash=False, compare=False)
    headers: str = ""

    def __str__(self) -> str:
        return self.text

    @property
    def transport(self) -> str:
        """`UDP`, `TCP` or `TLS`, as the URI asks (RFC 3261 section 19.1.1)."""
        if self.scheme == "sips":
            return "TLS"
        return (self.parameters.get("transport") or "udp").upper()

    @property
    def loose(self) -> bool:
        """Whether a Route with this URI is a loose router's (RFC 3261 section 19.1.1, `lr`)."""
        return "lr" in self.parameters

    @property
    def address(self) -> tuple[str, int]:
        """Where a request for this URI goes, without DNS SRV."""
        host = self.parameters.get("maddr") or self.host
        return host.strip("[]"), self.port or (5061 if self.transport == "TLS" else 5060)


@lru_cache(maxsize=1024)  # the same few URIs come with every message of every call
def parse_uri(text: str) -> Uri:
    """Return the URI; raises `ValueError` when it is not one."""
    scheme = SCHEME.match(text)
    if scheme is None or SURROUNDED.search(text):
        raise ValueError("URI is not valid")
    name, rest = scheme.group(1).lower(), text[scheme.end() :]
    if name in {"sip", "sips"}:
        return _sip_uri(text, name, rest)
    if name == "tel":
        return _tel_uri(text, rest)
    if not rest:
        raise ValueError("URI is not valid")
    return Uri(text, name)


def _sip_uri(text: str, scheme: str, rest: str) -> Uri:
    match = SIP.fullmatch(rest)
    if match is None:
        raise ValueError("URI is not valid")
    port = int(match["port"]) if match["port"] else None
    if port is not None and not 0 < port < 65536:
        raise ValueError("URI port is out of range")
    return Uri(
        text,
        scheme,
        user=unquote(match["user"] or ""),
        host=match["host"].lower(),
        port=port,
        parameters=parse_parameters(match["parameters"] or ""),
        headers=match["headers"] or "",
    )


def _tel_uri(text: str, rest: str) -> Uri:
    match = TEL.fullmatch(rest)
    if match is None:
        raise ValueError("URI is not valid")
    number = re.sub(r"[\-.()]", "", match["user"])
    return Uri(text, "tel", user=number, parameters=parse_parameters(match["parameters"] or ""))
