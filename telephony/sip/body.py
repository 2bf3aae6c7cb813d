"""Bodies: the session description in a message, also inside multipart (RFC 5621), and the key in an INFO."""

from __future__ import annotations

import re

from telephony.sip.message import Message
from telephony.sip.parameters import parse_parameters

UNDERSTOOD = {"application/sdp", "multipart/mixed", "multipart/alternative", "multipart/related"}
MOST_PARTS = 10
PART_TYPE = re.compile(rb"^content-type[ \t]*:[ \t]*application/sdp[ \t]*(;|\r|$)", re.IGNORECASE | re.MULTILINE)
DIGIT = "0123456789*#ABCD"
SIGNAL = re.compile(rb"^\s*Signal\s*=\s*([0-9*#A-Da-d]+)\s*$", re.MULTILINE | re.IGNORECASE)


def understood(message: Message) -> bool:
    """Whether the body may be a session description, or may be left aside (RFC 3261 section 20.11)."""
    encodings = [each.lower() for each in message.tokens("Content-Encoding")]
    if any(each != "identity" for each in encodings):
        return False
    disposition = (message.headers.get("Content-Disposition") or "").lower().replace(" ", "")
    return not message.body or message.content_type in UNDERSTOOD or "handling=optional" in disposition


def sdp_of(message: Message) -> bytes | None:
    """Return the session description of a message, None when it has none; raises `ValueError` for a broken body."""
    if not message.body:
        return None
    if message.content_type in {"application/sdp", ""}:
        return message.body
    if message.content_type.startswith("multipart/"):
        return _sdp_part(message)
    return None


def _sdp_part(message: Message) -> bytes | None:
    """Look through the parts, one level deep: a nest of them is nobody's call, and `email` would recurse into it."""
    parameters = parse_parameters(";" + (message.headers.get("Content-Type") or "").partition(";")[2])
    boundary = (parameters.get("boundary") or "").encode("utf-8", "surrogateescape")
    if not boundary:
        raise ValueError("Multipart body has no boundary")
    parts = (b"\r\n" + message.body).split(b"\r\n--" + boundary, MOST_PARTS)
    for part in parts[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        if PART_TYPE.search(head):
            return content
    return None


def digit_of_info(message: Message) -> str | None:
    """Return the key that an INFO tells of (`application/dtmf-relay`: `Signal=5`; `application/dtmf`: `5`)."""
    if not message.body:
        return None
    if message.content_type == "application/dtmf":
        text = message.body.strip().decode("ascii", "replace").upper()
    else:
        match = SIGNAL.search(message.body.replace(b"\r", b""))
        text = match[1].decode().upper() if match else ""
    text = {"10": "*", "11": "#"}.get(text, text)  # Cisco counts the keys
    if len(text) != 1 or text not in DIGIT:
        raise ValueError("INFO names no key")
    return text
