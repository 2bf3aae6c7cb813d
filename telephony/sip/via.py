"""Via: where a response goes and which transaction it is of (RFC 3261 section 20.42, RFC 3581)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from telephony.sip.parameters import TOKEN, Parameters, parse_parameters, split_list

VIA = re.compile(
    rf"SIP\s*/\s*2\.0\s*/\s*(?P<transport>{TOKEN})\s+(?P<host>[A-Za-z0-9\-_.]+|\[[0-9A-Fa-f:.]+\])"
    r"(?:\s*:\s*(?P<port>[0-9]{1,5}))?",
    re.IGNORECASE,
)
RPORT = re.compile(r"\s*;\s*rport\s*(?:=\s*[0-9]*)?\s*(?=;|$)", re.IGNORECASE)
RECEIVED = re.compile(r"\s*;\s*received\s*=\s*[^;,\s]*", re.IGNORECASE)
MAGIC_COOKIE = "z9hG4bK"
"Branches that begin so are unique to a transaction (RFC 3261 section 8.1.1.7)."


@dataclass(frozen=True)
class Via:
    """One hop."""

    transport: str
    host: str
    port: int | None = None
    parameters: Parameters = field(default_factory=dict, hash=False, compare=False)

    @property
    def branch(self) -> str:
        """The branch, empty when there is none."""
        return self.parameters.get("branch") or ""

    @property
    def sent_by(self) -> str:
        """Host and port as a transaction is matched by them (RFC 3261 section 17.2.3)."""
        return f"{self.host}:{self.port or 5060}".lower()


def parse_via(text: str) -> Via:
    """Return one Via; raises `ValueError` when it is not exactly one."""
    match = VIA.match(text)
    if match is None:
        raise ValueError("Via is not valid")
    port = int(match["port"]) if match["port"] else None
    return Via(match["transport"].upper(), match["host"], port, parse_parameters(text[match.end() :]))


def parse_vias(values: list[str]) -> list[Via]:
    """Return every Via, topmost first."""
    return [parse_via(item) for value in values for item in split_list(value)]


def stamp_received(value: str, host: str, port: int) -> str:
    """Return a Via header's value whose first hop says where the request really came from (RFC 3581 section 4)."""
    top, *rest = split_list(value)
    shown = f"[{host}]" if ":" in host else host
    wanted = RPORT.search(top) is not None
    top = RECEIVED.sub("", RPORT.sub("", top))
    match = VIA.match(top)
    sent_by = match["host"].strip("[]") if match else ""
    if wanted:
        top += f";received={shown.strip('[]')};rport={port}"
    elif sent_by != host:
        top += f";received={shown.strip('[]')}"
    return ", ".join([top, *rest])
