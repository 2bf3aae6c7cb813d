"""Responses to a request (RFC 3261 section 8.2.6)."""

from __future__ import annotations

import hashlib

from telephony.sip.flow import Flow
from telephony.sip.message import Request, Response, copy_header
from telephony.sip.reasons import reason_phrase
from telephony.sip.via import stamp_received

ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK, NOTIFY"
SUPPORTED = "100rel, timer"
ACCEPT = "application/sdp, application/dtmf-relay, application/dtmf, multipart/mixed"
PRODUCT = "Hotline-Voice-Intake"


def respond(
    request: Request, status: int, reason: str = "", *, tag: str = "", retry_after: int | None = None
) -> Response:
    """Return a response with what every response copies; `tag` goes to To when it has none."""
    response = Response(status, reason or reason_phrase(status))
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        copy_header(name, request, response)
    if status == 100 and (timestamp := request.headers.get("Timestamp")):
        response.headers.set("Timestamp", timestamp)
    to = request.headers.get("To")
    if status > 100 and to is not None and not _has_tag(request):
        response.headers.set("To", f"{to};tag={tag or stable_tag(request)}")
    if retry_after is not None:
        response.headers.set("Retry-After", str(retry_after))
    response.headers.set("Content-Length", "0")
    return response


def stable_tag(request: Request) -> str:
    """Return a To tag that is the same for every retransmission, so that no state is needed to refuse."""
    seed = "\n".join([*request.headers.getlist("Via")[:1], request.headers.get("Call-ID") or ""])
    return hashlib.blake2s(seed.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()


def stamp(request: Request, flow: Flow) -> None:
    """Write into the topmost Via where the request came from (RFC 3261 section 18.2.1, RFC 3581)."""
    values = request.headers.getlist("Via")
    if values:
        values[0] = stamp_received(values[0], *flow.remote)


def _has_tag(request: Request) -> bool:
    try:
        return bool(request.to.tag)
    except ValueError:
        return ";tag=" in (request.headers.get("To") or "").replace(" ", "")
