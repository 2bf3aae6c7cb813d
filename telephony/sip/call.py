"""A call that is set up: what either side may do inside its dialog (RFC 3261 sections 12.2, 14 and 15)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

from telephony.sip.awaited_ack import AwaitedAck
from telephony.sip.body import digit_of_info, sdp_of
from telephony.sip.dialog import Dialog
from telephony.sip.digest import DigestClient
from telephony.sip.flow import Flow
from telephony.sip.message import Request, Response, copy_header
from telephony.sip.refusals import abilities, content_refusal, unknown_method
from telephony.sip.response import ALLOW, SUPPORTED, respond
from telephony.sip.session_timer import SessionTimer, interval_refusal
from telephony.sip.transaction import Transaction
from telephony.sip.transfer import Transfer

if TYPE_CHECKING:
    from telephony.sip.user_agent import UserAgent

State = Literal["early", "answered", "confirmed", "ended"]
EndReason = Literal["caller_hung_up", "caller_cancelled", "we_hung_up", "transferred", "no_ack", "timer", "failed"]


Answer = Callable[[Response | None, float], None]
"Takes each response, or None when none came in time."


class CallListener(Protocol):
    """What the owner of a call is told, always from within the loop's turn that brought the news."""

    def on_offer(self, body: bytes) -> bytes | None:
        """Return the answer to an offer, None when it cannot be met (488)."""

    def on_offer_wanted(self) -> bytes:
        """Return an offer of ours, for an INVITE that came without one."""

    def on_answer(self, body: bytes) -> bool:
        """Take the answer to our offer; False when it is none."""

    def on_acknowledged(self) -> None:
        """The call is set up."""

    def on_digit(self, digit: str) -> None:
        """A key came by INFO."""

    def on_ended(self, reason: EndReason) -> None:
        """The dialog is over."""


class Call:
    """The part of a call that does not depend on who called."""

    def __init__(self, agent: UserAgent, dialog: Dialog, flow: Flow, listener: CallListener) -> None:
        self.agent = agent
        self.dialog = dialog
        self.flow = flow
        self.listener = listener
        self.state: State = "early"
        self.session_timer = SessionTimer(self)
        self.transfer: Transfer | None = None
        self.peer_allows: set[str] = set()
        self.digest: DigestClient | None = None
        "Answers the peer's challenges to requests of ours."
        self.awaited_ack: AwaitedAck | None = None
        self.end_at_ack: EndReason | None = None
        "Why we hang up as soon as the caller has acknowledged our answer."
        self._acknowledged = False
        self._offer_pending = False
        self._reinviting = False

    # -- what we do -----------------------------------------------------------------------------------------------

    def hang_up(self, now: float, reason: EndReason = "we_hung_up", *, at_once: bool = False) -> None:
        """Send BYE; the call is over at once, its response changes nothing (section 15.1.1).

        Who is called may not send BYE before the ACK of the first 2xx (section 15), unless it never comes: then the BYE
        waits for it, but not when the process itself ends (`at_once`).
        """
        if self.state == "ended":
            return
        if self.awaited_ack is not None and not self._acknowledged and not at_once:
            self.end_at_ack = reason
            return
        self.send("BYE", now, lambda response, now: None)
        self.end(reason)

    def send(
        self,
        method: str,
        now: float,
        on_response: Answer,
        *,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        """Send a request inside the dialog; a challenge is answered once when we have a password for the peer."""
        request = self._request(method, headers or {}, body)

        def take(response: Response | None, now: float) -> None:
            if response is not None and response.status in {401, 407} and self.digest is not None:
                again = self._request(method, headers or {}, body)
                if self.digest.authorize(again, response):
                    self.agent.send_in_dialog(self, again, now, on_response)
                    return
            on_response(response, now)

        self.agent.send_in_dialog(self, request, now, take)

    def _request(self, method: str, headers: dict[str, str], body: bytes) -> Request:
        request = self.dialog.request(method)
        for name, value in headers.items():
            request.headers.set(name, value)
        if method in {"INVITE", "UPDATE", "REFER"}:
            request.headers.set("Contact", self.agent.contact(self.flow, secure=self.dialog.secure))
        request.body = body
        return request

    def refresh(self, now: float, headers: dict[str, str], on_response: Answer) -> None:
        """Keep the session alive: UPDATE where the peer has it, else a re-INVITE of what is agreed (RFC 4028)."""
        if "UPDATE" in self.peer_allows:
            self.send("UPDATE", now, on_response, headers=headers)
            return
        self._reinviting = True

        def take(response: Response | None, now: float) -> None:
            if response is None or response.status >= 200:
                self._reinviting = False
            if response is not None and 200 <= response.status < 300:
                self.acknowledge(response, response.cseq.sequence)
                self.listener.on_answer(response.body)
            if response is None or response.status >= 200:
                on_response(response, now)

        self.send("INVITE", now, take, headers=headers, body=self.listener.on_offer_wanted())

    def acknowledge(self, response: Response, sequence: int) -> None:
        """Send ACK of a 2xx to an INVITE of ours (section 13.2.2.4)."""
        self.dialog.refresh_target(response)
        self.agent.send_ack(self, self.dialog.request("ACK", sequence=sequence))

    def refer(self, uri: str, now: float, on_done: Callable[[bool], None]) -> None:
        """Ask the peer to call somebody else instead of us; `on_done` says whether it did."""
        self.transfer = Transfer(self, uri, on_done)
        self.transfer.start(now)

    def end(self, reason: EndReason) -> None:
        """Forget the dialog and tell the owner."""
        if self.state == "ended":
            return
        self.state = "ended"
        self.session_timer.stop()
        if self.transfer is not None:
            self.transfer.call_ended()
        self.agent.forget(self)
        self.listener.on_ended(reason)

    # -- what the peer does ---------------------------------------------------------------------------------------

    def receive(self, request: Request, transaction: Transaction, now: float) -> None:
        """Answer a request inside the dialog, in CSeq's order (section 12.2.2)."""
        if not self.dialog.in_order(request):
            transaction.respond(respond(request, 500, "CSeq is not above the last", retry_after=1), now)
            return
        act = {
            "BYE": self._receive_bye,
            "INVITE": self._receive_reinvite,
            "UPDATE": self._receive_update,
            "INFO": self._receive_info,
            "NOTIFY": self._receive_notify,
            "OPTIONS": lambda request, transaction, now: transaction.respond(abilities(request), now),
            "PRACK": self.receive_prack,
        }.get(request.method, lambda request, transaction, now: transaction.respond(unknown_method(request), now))
        act(request, transaction, now)

    def receive_ack(self, ack: Request, now: float) -> None:
        """Take the ACK of our 2xx; with a late offer it holds the answer."""
        if self.awaited_ack is None or ack.cseq.sequence != self.awaited_ack.sequence:
            return
        self.awaited_ack = None
        if self.end_at_ack is not None:
            self.hang_up(now, self.end_at_ack)
            return
        if self._offer_pending:
            self._offer_pending = False
            body = sdp_of(ack)
            if body is None or not self.listener.on_answer(body):
                self.hang_up(now, "failed")
                return
        if self.state == "answered":
            self.state = "confirmed"
            if not self._acknowledged:
                self._acknowledged = True
                self.listener.on_acknowledged()

    def receive_prack(self, request: Request, transaction: Transaction, now: float) -> None:
        """Refuse: only an early inbound call has something to acknowledge (RFC 3262 section 3)."""
        transaction.respond(respond(request, 481), now)

    def _receive_bye(self, request: Request, transaction: Transaction, now: float) -> None:
        transaction.respond(respond(request, 200), now)
        self.end("caller_hung_up" if self.transfer is None or not self.transfer.accepted else "transferred")

    def _receive_reinvite(self, request: Request, transaction: Transaction, now: float) -> None:
        if self.state == "early":  # section 14.2: the first INVITE is still open
            transaction.respond(respond(request, 500, "INVITE is pending", retry_after=1), now)
            return
        if self._reinviting or self._offer_pending:
            transaction.respond(respond(request, 491), now)
            return
        self.dialog.refresh_target(request)
        self._answer_offer(request, transaction, now)

    def _receive_update(self, request: Request, transaction: Transaction, now: float) -> None:
        if request.body and self.state == "early":  # RFC 3311 section 5.2: our answer to the first offer is still due
            transaction.respond(respond(request, 500, "Offer is pending", retry_after=1), now)
            return
        if request.body and (self._reinviting or self._offer_pending):
            transaction.respond(respond(request, 491), now)
            return
        self.dialog.refresh_target(request)
        self._answer_offer(request, transaction, now)

    def _answer_offer(self, request: Request, transaction: Transaction, now: float) -> None:
        refusal = content_refusal(request) or interval_refusal(request)
        if refusal is not None:
            transaction.respond(refusal, now)
            return
        try:
            offer = sdp_of(request)
            answer = self.listener.on_offer(offer) if offer is not None else b""
        except ValueError as error:
            transaction.respond(respond(request, 400, str(error)), now)
            return
        if answer is None:
            transaction.respond(respond(request, 488), now)
            return
        if offer is None and request.method == "INVITE":
            answer = self.listener.on_offer_wanted()
            self._offer_pending = True
        response = self.success(request, answer)
        self.session_timer.agree(request, response, now)
        if request.method == "INVITE":
            self.send_success(transaction, response, now)
        else:
            transaction.respond(response, now)

    def send_success(self, transaction: Transaction, response: Response, now: float) -> None:
        """Send the 2xx of an INVITE until its ACK."""
        self.state = "answered"
        self.awaited_ack = AwaitedAck(self, transaction, response, now)
        self.awaited_ack.send(now)

    def success(self, request: Request, body: bytes = b"") -> Response:
        """Return a 200 of the dialog with Contact, our abilities and a description."""
        response = respond(request, 200, tag=self.dialog.local_tag)
        copy_header("Record-Route", request, response)
        response.headers.set("Contact", self.agent.contact(self.flow, secure=self.dialog.secure))
        response.headers.set("Allow", ALLOW)
        response.headers.set("Supported", SUPPORTED)
        if body:
            response.headers.set("Content-Type", "application/sdp")
            response.body = body
        return response

    def _receive_info(self, request: Request, transaction: Transaction, now: float) -> None:
        if request.headers.get("Info-Package"):
            transaction.respond(respond(request, 469), now)
            return
        if request.content_type not in {"", "application/dtmf-relay", "application/dtmf"}:
            response = respond(request, 415)
            response.headers.set("Accept", "application/dtmf-relay, application/dtmf")
            transaction.respond(response, now)
            return
        try:
            digit = digit_of_info(request)
        except ValueError as error:
            transaction.respond(respond(request, 400, str(error)), now)
            return
        transaction.respond(respond(request, 200), now)
        if digit:
            self.listener.on_digit(digit)

    def _receive_notify(self, request: Request, transaction: Transaction, now: float) -> None:
        event = (request.headers.get("Event") or "").partition(";")[0].strip().lower()
        if event != "refer" or self.transfer is None:
            transaction.respond(respond(request, 489 if event != "refer" else 481), now)
            return
        transaction.respond(respond(request, 200), now)
        self.transfer.receive_notify(request, now)
