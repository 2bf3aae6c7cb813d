"""The ladder of a call: every message in and out, for the integrator who asks what the other side really sent."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

from telephony.engine import LadderEntry
from telephony.sip.flow import Flow
from telephony.sip.message import Message, Request, Response, parse_message

MOST_NEW = 64
"Call-IDs whose INVITE came but whose call is not taken (yet): a flood of refused ones pushes out only its own kind."
MOST_ENTRIES = 200
"A two-hour call with a session timer of 90 s has 160 refreshes' worth; what comes later is left out."
MOST_OCTETS = 65_536
"Of one ladder: an ordinary call has 8 kB."

DISPLAY_NAME = re.compile(r"^([A-Za-z-]+: *)[^<\s][^<\n]*<(?=sips?:|tel:)", re.MULTILINE | re.IGNORECASE)
USER_PART = re.compile(r"(?<=sip:|tel:)([^@;>\s]+)(?=@|;|>|\s|$)", re.IGNORECASE)
SIPS_USER = re.compile(r"(?<=sips:)([^@;>\s]+)(?=@)", re.IGNORECASE)
SUBJECT = re.compile(r"^(Subject: *).+", re.MULTILINE | re.IGNORECASE)
SECRET = re.compile(r'((?:response|nonce|cnonce|username)=)"[^"\n]*"', re.IGNORECASE)
CRYPTO = re.compile(r"(inline:)\S+")
NAME_IN_SDP = re.compile(r"^(o=)\S+|^([siep]=).*", re.MULTILINE)
DIGITS = re.compile(r"\d{7,}")
SHOWN_BODIES = {"application/sdp", "message/sipfrag"}
"Any other body may hold what the caller said or pressed."

Direction = Literal["in", "out"]
Seen = tuple[float, Direction, Flow, bytes]


class Ladders:
    """The ladders of calls in progress by Call-ID; messages are kept as they were and masked when asked for."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._new: OrderedDict[str, list[Seen]] = OrderedDict()
        self._kept: dict[str, list[Seen]] = {}

    def observe(self, direction: str, message: Message, flow: Flow, now: float) -> None:
        """Take a message that came or goes; only an INVITE begins a ladder."""
        call_id = message.headers.get("Call-ID") or ""
        seen = self._kept.get(call_id) or self._new.get(call_id)
        if seen is None:
            if not (isinstance(message, Request) and message.method == "INVITE"):
                return
            seen = self._new[call_id] = []
            if len(self._new) > MOST_NEW:
                self._new.popitem(last=False)
        if len(seen) < MOST_ENTRIES and sum(len(octets) for *_, octets in seen) < MOST_OCTETS:
            seen.append((self._wall(), "in" if direction == "in" else "out", flow, bytes(message)))

    def keep(self, call_id: str) -> None:
        """Keep the ladder of a call that is taken, until `release`."""
        self._kept[call_id] = self._new.pop(call_id, [])

    def release(self, call_id: str) -> None:
        """Forget the ladder of a call that is over."""
        self._kept.pop(call_id, None)

    def of(self, call_id: str) -> list[LadderEntry]:
        """Return the messages of a call, oldest first."""
        return [_entry(*seen) for seen in self._kept.get(call_id) or self._new.get(call_id) or ()]


def _entry(at: float, direction: Direction, flow: Flow, octets: bytes) -> LadderEntry:
    host, port = flow.remote
    peer = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    message = parse_message(octets)
    return LadderEntry(at, direction, flow.transport, peer, summary(message), masked(message))


def summary(message: Message) -> str:
    """Return what a ladder's arrow is labelled with."""
    description = " (SDP)" if message.content_type == "application/sdp" and message.body else ""
    if isinstance(message, Response):
        method = (message.headers.get("CSeq") or "").partition(" ")[2].strip()
        return f"{message.status} {message.reason} to {method}{description}"
    return f"{getattr(message, 'method', '')}{description}"


def masked(message: Message) -> str:
    """Return the message as text without numbers, names, passwords and keys."""
    head = f"{message.start_line}\n{message.headers}".replace("\r\n", "\n")
    head = DISPLAY_NAME.sub(r'\1"***" <', head.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    for pattern in (USER_PART, SIPS_USER):
        head = pattern.sub(lambda match: masked_number(match[1]), head)
    head = SECRET.sub(r'\1"***"', SUBJECT.sub(r"\1***", head))
    if message.body and message.content_type not in SHOWN_BODIES:
        return f"{head}[{len(message.body)} octets]"
    body = message.body.decode("utf-8", "replace").replace("\r\n", "\n")
    return head + NAME_IN_SDP.sub(lambda match: f"{match[1] or match[2]}-", CRYPTO.sub(r"\1***", body))


def masked_number(user: str) -> str:
    """Return a number with its middle hidden: 138****1234; short ones (extensions, 12345) stay."""
    return DIGITS.sub(lambda match: f"{match[0][:3]}****{match[0][-4:]}", user)
