"""SIP messages: octets in, a `Request` or `Response` out, whatever peers do to the spelling (RFC 3261 section 7).

Storage and writing are `sipmessage`'s `Headers`; reading is our own, because `sipmessage.Message.parse` refuses folded
lines, spaces before the colon, LF line ends and octets that are not UTF-8. Values are read when asked for and raise
`ValueError`; `well_formed.py` asks for all that matter before anybody acts on a request.
"""

from __future__ import annotations

import re
from functools import cached_property

from sipmessage import CSeq, Headers
from sipmessage.message import COMPACT_FORMS

from telephony.sip.address import Address, parse_address, parse_addresses
from telephony.sip.flow import Flow
from telephony.sip.via import Via, parse_vias

LARGEST_MESSAGE = 65_535
"A UDP datagram is no larger; the same bound holds for streams, so that both accept the same messages."
MOST_HEADERS = 256
"RFC 4475's longest has 40; a request that crossed 70 proxies has 140 Via and Record-Route."
LONGEST_LINE = 16_384
END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
REQUEST_LINE = re.compile(r"(?P<method>[^\s:]+)(?P<uri>\s.*\s)SIP\s*/\s*(?P<version>[0-9]+\.[0-9]+)(?P<rest>\s*)", re.I)
STATUS_LINE = re.compile(r"SIP/(?P<version>[0-9]+\.[0-9]+) +(?P<status>[0-9]+)(?: (?P<reason>.*))?", re.I)
LONG_RUN = re.compile(r"\s{64,}")
"Nobody means so many spaces; left in, patterns with two runs beside each other would take quadratic time."
DIGITS = re.compile(r"[0-9]+")


class Message:
    """What requests and responses share."""

    def __init__(self, body: bytes = b"") -> None:
        self.headers = Headers()
        self.body = body
        self.flow: Flow | None = None
        "Where it came by; None for our own."

    def __bytes__(self) -> bytes:
        return f"{self.start_line}\r\n{self.headers}".encode("utf-8", "surrogateescape") + self.body

    @property
    def start_line(self) -> str:
        """The first line, without its end."""
        raise NotImplementedError

    @cached_property
    def vias(self) -> list[Via]:
        """Every hop, topmost first."""
        return parse_vias(self.headers.getlist("Via"))

    @cached_property
    def from_(self) -> Address:
        """Who asks."""
        return parse_address(self.header("From"))

    @cached_property
    def to(self) -> Address:
        """Who was asked for."""
        return parse_address(self.header("To"))

    @cached_property
    def contacts(self) -> list[Address]:
        """Where to reach the sender directly; `*` is no address and is left out."""
        return parse_addresses([value for value in self.headers.getlist("Contact") if value.strip() != "*"])

    @cached_property
    def cseq(self) -> CSeq:
        """Sequence number and method."""
        cseq = CSeq.parse(self.header("CSeq"))
        if cseq.sequence >= 2**31:
            raise ValueError("CSeq is out of range")  # RFC 3261 section 8.1.1.5
        return cseq

    @property
    def call_id(self) -> str:
        """The Call-ID, compared octet for octet."""
        return self.header("Call-ID")

    def header(self, name: str) -> str:
        """Return the first value of a header; raises `ValueError` when it is missing."""
        value = self.headers.get(name)
        if value is None:
            raise ValueError(f"{name} is missing")
        return value

    def number(self, name: str) -> int | None:
        """Return the value of a header that holds a number, None when it is missing."""
        value = self.headers.get(name)
        if value is None:
            return None
        if DIGITS.fullmatch(value) is None or len(value) > 10:
            raise ValueError(f"{name} is not a number in range")
        return int(value)

    def tokens(self, name: str) -> list[str]:
        """Return the items of a comma separated header (Supported, Require, Allow)."""
        values = (item.strip() for value in self.headers.getlist(name) for item in value.split(","))
        return [item for item in values if item]

    @property
    def content_type(self) -> str:
        """The media type in lower case without its parameters, empty when there is none."""
        return (self.headers.get("Content-Type") or "").partition(";")[0].strip().lower()


def copy_header(name: str, source: Message, target: Message) -> None:
    """Copy every value of a header that is there; `Headers` would take an empty list and fail when asked for it."""
    values = source.headers.getlist(name)
    if values:
        target.headers.setlist(name, list(values))


class Request(Message):
    """A request; `uri` is text, because a broken one must still be answered with 400."""

    def __init__(self, method: str, uri: str, body: bytes = b"", *, version: str = "2.0") -> None:
        super().__init__(body)
        self.method = method
        self.uri = uri
        self.version = version

    @property
    def start_line(self) -> str:
        """The request line."""
        return f"{self.method} {self.uri} SIP/2.0"


class Response(Message):
    """A response."""

    def __init__(self, status: int, reason: str, body: bytes = b"") -> None:
        super().__init__(body)
        self.status = status
        self.reason = reason

    @property
    def start_line(self) -> str:
        """The status line."""
        return f"SIP/2.0 {self.status} {self.reason}"


def parse_message(data: bytes) -> Request | Response:
    """Return the message; raises `ValueError` when it is not SIP at all (and nobody can be answered).

    The body is cut to a Content-Length that is shorter (RFC 3261 section 18.3); `well_formed.py` refuses a longer one.
    """
    if len(data) > LARGEST_MESSAGE:
        raise ValueError("Message is too large")
    data = data.lstrip(b"\r\n")  # RFC 3261 section 7.5: leading CRLF is keep-alive
    end = END_OF_HEADERS.search(data)
    head, body = (data[: end.start()], data[end.end() :]) if end else (data, b"")
    lines = head.decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n", MOST_HEADERS * 4)
    message = _start(lines[0])
    _read_headers(message, lines[1:])
    message.body = body[: _shorter(message, len(body))]
    return message


def _start(line: str) -> Request | Response:
    if match := STATUS_LINE.fullmatch(line):
        if len(match["status"]) != 3 or match["version"] != "2.0":
            raise ValueError("Status is not valid")
        return Response(int(match["status"]), match["reason"] or "")
    match = REQUEST_LINE.fullmatch(line)
    if match is None or len(line) > LONGEST_LINE:
        raise ValueError("Message is neither request nor response")
    return Request(match["method"], match["uri"][1:-1], version=match["version"])


def _read_headers(message: Message, lines: list[str]) -> None:
    name, value, count = "", "", 0
    for line in [*lines, ":"]:
        if line[:1] in {" ", "\t"} and name:
            value += " " + line.strip()  # folding, RFC 3261 section 7.3.1
        else:
            if name:
                message.headers.add(name, LONG_RUN.sub(" ", value.replace("\r", " ").strip()))
            key, colon, value = line.partition(":")
            key = key.strip()
            name = COMPACT_FORMS.get(key.lower(), key) if colon else "Unreadable-Line"
            count += 1
        if count > MOST_HEADERS or len(value) > LONGEST_LINE:
            raise ValueError("Message has too many headers or too long a line")


def _shorter(message: Message, length: int) -> int:
    declared = message.headers.get("Content-Length", "")
    return min(length, int(declared)) if declared and DIGITS.fullmatch(declared) and len(declared) < 8 else length
