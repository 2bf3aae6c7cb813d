"""The user agent: every message that arrives finds its transaction, its call, or its refusal (RFC 3261 section 8.2).

No socket, no clock and no randomness of its own: `receive` and `run` are its events, `transmit` its effect. Only what
belongs to an admitted call has a transaction; everything else is answered without state (section 8.2.7), so that a
flood costs no memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from telephony.sip.admission import Admission
from telephony.sip.call import Call, CallListener
from telephony.sip.dialog import DialogId
from telephony.sip.flow import Flow
from telephony.sip.inbound_call import InboundCall
from telephony.sip.message import Message, Request, Response, parse_message
from telephony.sip.refusals import abilities, content_refusal, extension_refusal, method_refusal
from telephony.sip.response import ALLOW, PRODUCT, respond, stamp
from telephony.sip.routing import way_back, way_of
from telephony.sip.schedule import Schedule
from telephony.sip.session_timer import interval_refusal
from telephony.sip.transaction import Transaction
from telephony.sip.transaction_layer import TransactionLayer
from telephony.sip.well_formed import answerable, ignorable, refusal_of

BUSY_SECONDS = 10
"Retry-After when every line is taken: about how soon one of 200 three-minute calls ends, with a margin."

Answer = Callable[[Response | None, float], None]


class Owner(Protocol):
    """Who owns the calls."""

    def on_invite(self, call: InboundCall, now: float) -> None:
        """A caller is admitted; `call.listener` is to be set, or the call rejected, before returning."""


@dataclass
class Line:
    """What the agent says of itself."""

    contact_host: Callable[[Flow], tuple[str, int]]
    "The address that a peer reaches us by."
    user: str = "12345"
    max_calls: int = 200


class UserAgent:
    """Server and client in one."""

    def __init__(
        self,
        line: Line,
        owner: Owner,
        admission: Admission,
        *,
        transmit: Callable[[bytes, Flow], None],
        token: Callable[[], str],
        observe: Callable[[str, Message, Flow, float], None] = lambda direction, message, flow, now: None,
        connected: Callable[[Flow], bool] = lambda flow: True,
        behind: Callable[[], bool] = lambda: False,
    ) -> None:
        self.connected = connected
        "Whether a flow's connection stands."
        self._behind = behind
        self.schedule = Schedule()
        self.transactions = TransactionLayer(self.schedule, self._transmit)
        self.calls: dict[DialogId, Call] = {}
        self.counts: Counter[str] = Counter()
        self.draining = False
        self.now = 0.0
        self._line = line
        self._owner = owner
        self._admission = admission
        self._send_octets = transmit
        self._token = token
        self._observe = observe

    def run(self, now: float) -> None:
        """Do everything whose time has come; `schedule.next()` says when that is."""
        self.now = now
        self.schedule.run(now)

    # -- what arrives ---------------------------------------------------------------------------------------------

    def receive(self, data: bytes, flow: Flow, now: float) -> None:
        """Take one message."""
        self.now = now
        try:
            message = parse_message(data)
        except ValueError:
            self.counts["unreadable"] += 1
            return
        message.flow = flow
        self._observe("in", message, flow, now)
        if isinstance(message, Response):
            self._receive_response(message, now)
        else:
            self._receive_request(message, flow, now)

    def _receive_response(self, response: Response, now: float) -> None:
        transaction = None if ignorable(response) else self.transactions.client_of(response)
        if transaction is None:
            self.counts["stray_responses"] += 1
            return
        transaction.receive_response(response, now)

    def _receive_request(self, request: Request, flow: Flow, now: float) -> None:
        stamp(request, flow)
        flow = way_back(request, flow)
        refusal = refusal_of(request)
        if refusal is not None:
            self.counts["malformed"] += 1
            if answerable(request) and self._within_rate(request, flow, now):
                self._transmit(respond(request, *refusal), flow)
            return
        transaction = self.transactions.server_of(request)
        if request.method == "ACK":
            self._receive_ack(request, transaction, now)
        elif transaction is not None:
            transaction.receive_request(now)
        elif request.method == "CANCEL":
            self._receive_cancel(request, flow, now)
        elif request.to.tag:
            self._receive_inside(request, flow, now)
        elif self._within_rate(request, flow, now):
            self._receive_outside(request, flow, now)

    def _receive_ack(self, ack: Request, transaction: Transaction | None, now: float) -> None:
        if transaction is not None and transaction.state == "COMPLETED":
            transaction.receive_ack(now)
            return
        call = self.calls.get((ack.call_id, ack.to.tag, ack.from_.tag))
        if call is not None:
            call.receive_ack(ack, now)

    def _receive_cancel(self, cancel: Request, flow: Flow, now: float) -> None:
        invite = self.transactions.invite_of(cancel)
        if invite is None:
            self._refuse_stranger(cancel, flow, now)
            return
        call = self._call_of(invite)
        transaction = self.transactions.serve(cancel, flow)
        transaction.respond(respond(cancel, 200, tag=call.dialog.local_tag if call else ""), now)
        if call is not None:
            call.cancel(now)

    def _call_of(self, transaction: Transaction) -> InboundCall | None:
        inbound = (call for call in self.calls.values() if isinstance(call, InboundCall))
        return next((call for call in inbound if call.invite is transaction.request), None)

    def _receive_inside(self, request: Request, flow: Flow, now: float) -> None:
        call = self.calls.get((request.call_id, request.to.tag, request.from_.tag))
        if call is None:
            self._refuse_stranger(request, flow, now)
            return
        transaction = self.transactions.serve(request, flow)
        refused = extension_refusal(request)
        if refused is not None:
            transaction.respond(refused, now)
        else:
            call.receive(request, transaction, now)

    def _refuse_stranger(self, request: Request, flow: Flow, now: float) -> None:
        if self._within_rate(request, flow, now):
            self._transmit(respond(request, 481), flow)

    def _receive_outside(self, request: Request, flow: Flow, now: float) -> None:
        refused = self._admission.refusal(request, flow, now)
        if refused is not None:
            self._transmit(refused, flow)
        elif request.method == "INVITE":
            self._receive_invite(request, flow, now)
        else:
            self.counts["options"] += request.method == "OPTIONS"
            self._transmit(method_refusal(request) or self._full(request) or abilities(request), flow)

    def _receive_invite(self, invite: Request, flow: Flow, now: float) -> None:
        if self.transactions.full:
            self.counts["dropped"] += 1
            return
        merged = self.transactions.merged(invite)
        transaction = self.transactions.serve(invite, flow)
        refused = respond(invite, 482) if merged else method_refusal(invite) or self._full(invite)
        refused = refused or content_refusal(invite) or interval_refusal(invite)
        if refused is not None:
            transaction.respond(refused, now)
            return
        transaction.respond(respond(invite, 100), now)
        call = InboundCall(self, invite, transaction, flow, _Nobody(), self._token())
        self.calls[call.dialog.id] = call
        call.expire(now)
        self._owner.on_invite(call, now)

    def _within_rate(self, request: Request, flow: Flow, now: float) -> bool:
        too_fast, worth_answering = self._admission.too_fast(flow, now)
        if too_fast and worth_answering and request.method != "ACK":
            self._transmit(respond(request, 503, "Too Many Requests", retry_after=1), flow)
        return not too_fast

    def _full(self, request: Request) -> Response | None:
        full = len(self.calls) >= self._line.max_calls
        reason = "draining" if self.draining else "full" if full else "overload" if self._behind() else ""
        if reason and request.method == "INVITE":
            self._admission.refused[reason] += 1
        return respond(request, 503, retry_after=BUSY_SECONDS) if reason else None

    # -- what calls ask for -----------------------------------------------------------------------------------------

    def contact(self, flow: Flow, *, secure: bool = False) -> str:
        """Return our Contact for a flow; `secure` where it must be a SIPS URI."""
        return f"<{self.own_uri(flow, secure=secure)}>"

    def own_uri(self, flow: Flow, *, secure: bool = False) -> str:
        """Return the URI by which a peer of a flow reaches us."""
        host, port = self._line.contact_host(flow)
        shown = f"[{host}]" if ":" in host else host
        if secure:
            return f"sips:{self._line.user}@{shown}:{port}"
        transport = "" if flow.transport == "UDP" else f";transport={flow.transport.lower()}"
        return f"sip:{self._line.user}@{shown}:{port}{transport}"

    def forget(self, call: Call) -> None:
        """Let a call go that is over."""
        self.calls.pop(call.dialog.id, None)

    def send_in_dialog(self, call: Call, request: Request, now: float, on_response: Answer) -> None:
        """Send a request of a call the way its dialog leads (RFC 3261 section 8.1.2)."""
        self.ask(request, way_of(call), now, on_response)

    def ask(self, request: Request, flow: Flow, now: float, on_response: Answer) -> Transaction:
        """Send a request of ours over a flow."""
        self._finish_request(request, flow)
        return self.transactions.ask(request, flow, now, on_response)

    def send_keep_alive(self, flow: Flow) -> None:
        """Send a double CRLF."""
        self._send_octets(b"\r\n\r\n", flow)

    def send_ack(self, call: Call, ack: Request) -> None:
        """Send an ACK of a 2xx, which is no transaction (RFC 3261 section 13.2.2.4)."""
        flow = way_of(call)
        self._finish_request(ack, flow)
        self._transmit(ack, flow)

    def _finish_request(self, request: Request, flow: Flow) -> None:
        host, port = self._line.contact_host(flow)
        shown = f"[{host}]" if ":" in host else host
        request.headers.set("Via", f"SIP/2.0/{flow.transport} {shown}:{port};rport;branch=z9hG4bK{self._token()}")
        if request.method in {"INVITE", "UPDATE", "OPTIONS", "REFER"}:
            request.headers.set("Allow", ALLOW)
        if request.body and not request.headers.get("Content-Type"):
            request.headers.set("Content-Type", "application/sdp")

    def _transmit(self, message: Request | Response, flow: Flow) -> None:
        message.headers.set("Content-Length", str(len(message.body)))
        message.headers.set("Server" if isinstance(message, Response) else "User-Agent", PRODUCT)
        self._observe("out", message, flow, self.now)
        self._send_octets(bytes(message), flow)


class _Nobody:
    """The listener of a call that has no owner yet."""

    def on_offer(self, body: bytes) -> bytes | None:
        """Refuse."""
        return None

    def on_offer_wanted(self) -> bytes:
        """Offer nothing."""
        return b""

    def on_answer(self, body: bytes) -> bool:
        """Refuse."""
        return False

    def on_acknowledged(self) -> None:
        """Nobody to tell."""

    def on_digit(self, digit: str) -> None:
        """Nobody to tell."""

    def on_ended(self, reason: str) -> None:
        """Nobody to tell."""


_: CallListener = _Nobody()
