"""What is wrong with a request before its meaning is looked at (RFC 3261 section 8.2, RFC 4475 section 3)."""

from __future__ import annotations

from telephony.sip.address import parse_addresses
from telephony.sip.message import LARGEST_MESSAGE, Message, Request, Response
from telephony.sip.uri import Uri, parse_uri

SINGLE = ("From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length", "Content-Type")
"Header fields that may stand once only (RFC 3261 section 7.3.1, RFC 4475 sections 3.3.8 and 3.3.9)."
LONGEST_URI = 2048
"No number or address book entry is near it; longer is 414."
LONGEST_VALUE = 4096
"Of a value that every message of a call carries again: a longer one would be sent back ten times its size."
MOST_HOPS = 100
"Max-Forwards starts at 70; a request that lists more hops than this went nowhere but round."

Refusal = tuple[int, str]


def refusal_of(request: Request) -> Refusal | None:
    """Return the status and phrase that a broken request deserves, None when it is well-formed."""
    if request.version != "2.0":
        return 505, "Version Not Supported"
    if len(request.uri) > LONGEST_URI:
        return 414, "Request-URI Too Long"
    if _too_large(request):
        return 513, "Message Too Large"
    for check in (_headers, _request_line, _optional_values):
        try:
            check(request)
        except ValueError as error:
            return 400, str(error)
    if request_uri(request).scheme not in {"sip", "sips", "tel"}:
        return 416, "Unsupported URI Scheme"
    return None


def _too_large(request: Request) -> bool:
    """Whether a stream announces more than we take; a datagram that does is merely cut short: 400 (section 18.3)."""
    declared = request.headers.get("Content-Length") or ""
    is_number = declared.isascii() and declared.isdecimal()
    return request.flow is not None and request.flow.reliable and is_number and int(declared[:9]) > LARGEST_MESSAGE


def ignorable(response: Response) -> bool:
    """Whether a response is too broken to be anybody's (RFC 4475 sections 3.1.2.5, 3.1.2.19)."""
    try:
        _headers(response)
    except ValueError:
        return True
    return not 100 <= response.status < 700 or len(response.vias) != 1


def answerable(request: Request) -> bool:
    """Whether a broken request says enough for an answer to find its way: a Via, and it is no ACK."""
    return request.method != "ACK" and bool(request.headers.getlist("Via"))


def request_uri(request: Request) -> Uri:
    """Return the Request-URI."""
    return parse_uri(request.uri)


def _headers(message: Message) -> None:
    for name in SINGLE:
        if len(message.headers.getlist(name)) > 1:
            raise ValueError(f"{name} stands more than once")
    for name in ("From", "To", "Call-ID", "CSeq"):
        if len(message.headers.get(name) or "") > LONGEST_VALUE:
            raise ValueError(f"{name} is too long")
    if message.headers.getlist("Unreadable-Line"):
        raise ValueError("A header line has no colon")
    if not 0 < len(message.vias) <= MOST_HOPS:
        raise ValueError("Via is missing or endless")
    if not message.call_id:
        raise ValueError("Call-ID is missing")
    if not message.from_ or not message.to:
        raise ValueError("From or To is missing")
    if message.cseq.sequence < 0:
        raise ValueError("CSeq is not valid")


def _request_line(request: Request) -> None:
    uri = parse_uri(request.uri)
    if uri.headers:
        raise ValueError("Request-URI has headers")  # RFC 3261 section 19.1.1, RFC 4475 section 3.1.2.11
    if request.cseq.method != request.method:
        raise ValueError("CSeq does not match the method")


def _optional_values(request: Request) -> None:
    length = request.number("Content-Length")
    if length is not None and length > len(request.body):
        raise ValueError("Content-Length is larger than the body")
    hops = request.number("Max-Forwards")
    if hops is not None and hops > 255:
        raise ValueError("Max-Forwards is out of range")
    for name in ("Record-Route", "Route"):
        if len(parse_addresses(request.headers.getlist(name))) > MOST_HOPS:
            raise ValueError(f"{name} is endless")
    _contacts(request)


def _contacts(request: Request) -> None:
    if request.method == "REGISTER":
        return  # refused with 405 whatever it holds
    if len(request.contacts) > 1 and request.method == "INVITE":
        raise ValueError("Contact stands more than once")
