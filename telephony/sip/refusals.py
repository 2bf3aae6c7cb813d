"""What a well-formed request from an admitted sender is still refused for (RFC 3261 sections 8.2.1 to 8.2.3)."""

from __future__ import annotations

from telephony.sip.body import sdp_of, understood
from telephony.sip.message import Request, Response
from telephony.sip.response import ACCEPT, ALLOW, SUPPORTED, respond
from telephony.sip.sdp import LARGEST_DESCRIPTION

KNOWN_METHODS = {
    "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "INFO", "UPDATE", "PRACK",
    "SUBSCRIBE", "NOTIFY", "REFER", "MESSAGE", "PUBLISH",
}  # fmt: skip
"Registered methods (IANA); any other is 501 instead of 405."
INSIDE_ONLY = {"BYE", "INFO", "UPDATE", "PRACK", "NOTIFY"}
"Methods that mean something only within a dialog: 481 outside."
UNDERSTOOD_EXTENSIONS = {"100rel", "timer"}


def method_refusal(request: Request) -> Response | None:
    """Refuse a method that means nothing outside a dialog, or an extension that is required of us."""
    if request.method not in KNOWN_METHODS:
        return unknown_method(request)
    if request.method == "SUBSCRIBE":
        return respond(request, 489)
    if request.method in INSIDE_ONLY:
        return respond(request, 481)
    if request.method not in {"INVITE", "OPTIONS"}:
        return unknown_method(request)
    return extension_refusal(request)


def unknown_method(request: Request) -> Response:
    """Refuse a method we do not serve: 405 when others do, 501 when nobody has heard of it (section 21.5.2)."""
    return _with(respond(request, 405 if request.method in KNOWN_METHODS else 501), Allow=ALLOW)


def extension_refusal(request: Request) -> Response | None:
    """Refuse what requires an extension we do not have (section 8.2.2.3)."""
    wanted = request.tokens("Require") + request.tokens("Proxy-Require")
    unknown = [tag for tag in wanted if tag.lower() not in UNDERSTOOD_EXTENSIONS]
    return _with(respond(request, 420), Unsupported=", ".join(unknown)) if unknown else None


def content_refusal(invite: Request) -> Response | None:
    """Refuse a body we cannot read, and a caller who cannot read ours (section 8.2.3)."""
    if not understood(invite):
        return _with(respond(invite, 415), Accept=ACCEPT, Accept_Encoding="identity")
    accepted = {each.partition(";")[0].strip().lower() for each in invite.tokens("Accept")}
    if accepted and not {"application/sdp", "application/*", "*/*"} & accepted:
        return respond(invite, 406)
    try:
        if len(sdp_of(invite) or b"") > LARGEST_DESCRIPTION:
            return respond(invite, 413)
    except ValueError as error:
        return respond(invite, 400, str(error))
    return None


def abilities(request: Request) -> Response:
    """Answer OPTIONS (section 11.2)."""
    return _with(respond(request, 200), Allow=ALLOW, Accept=ACCEPT, Accept_Encoding="identity", Supported=SUPPORTED)


def _with(response: Response, **headers: str) -> Response:
    for name, value in headers.items():
        response.headers.set(name.replace("_", "-"), value)
    return response
