"""A call that came to us, from its INVITE to its ACK (RFC 3261 sections 13.3 and 9.2, RFC 3262)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from telephony.sip.body import sdp_of
from telephony.sip.call import Call, CallListener, EndReason
from telephony.sip.dialog import Dialog
from telephony.sip.flow import Flow
from telephony.sip.message import Request, Response, copy_header
from telephony.sip.response import respond
from telephony.sip.schedule import Timer
from telephony.sip.transaction import T1, Transaction

if TYPE_CHECKING:
    from telephony.sip.user_agent import UserAgent


class InboundCall(Call):
    """The server side of an INVITE."""

    def __init__(
        self, agent: UserAgent, invite: Request, transaction: Transaction, flow: Flow, listener: CallListener, tag: str
    ) -> None:
        super().__init__(agent, Dialog.of_server(invite, tag), flow, listener)
        self.invite = invite
        self.peer_allows = set(invite.tokens("Allow"))
        self._transaction = transaction
        self._reliably = "100rel" in invite.tokens("Require")
        self._response_number = 0
        self._awaits_prack = False
        self._unacknowledged: Timer | None = None
        self._expiry: Timer | None = None

    @property
    def offer(self) -> bytes | None:
        """The caller's description, None when it leaves the offer to us."""
        return sdp_of(self.invite)

    def expire(self, now: float) -> None:
        """Give the call up when it is not answered in the seconds that its Expires names (section 13.3.1)."""
        with contextlib.suppress(ValueError):  # a broken one is no reason to lose a caller
            if seconds := self.invite.number("Expires"):
                self._expiry = self.agent.schedule.at(now + seconds, self.cancel)

    def ring(self, now: float) -> None:
        """Send 180, reliably when the caller requires it.

        A caller who requires that and leaves the offer to us would want it in the 180 (RFC 3262 section 5): we have
        none before the answer, so such a call does not ring.
        """
        if self.state != "early" or (self._reliably and self.offer is None):
            return
        response = respond(self.invite, 180, tag=self.dialog.local_tag)
        copy_header("Record-Route", self.invite, response)
        response.headers.set("Contact", self.agent.contact(self.flow, secure=self.dialog.secure))
        if not self._reliably:
            self._transaction.respond(response, now)
            return
        self._response_number += 1
        response.headers.set("Require", "100rel")
        response.headers.set("RSeq", str(self._response_number))
        self._awaits_prack = True
        self._send_reliably(response, now, T1, now + 64 * T1)

    def answer(self, now: float, body: bytes) -> None:
        """Send 200 until ACK; without an offer from the caller `body` is ours and the ACK brings the answer."""
        if self.state != "early":
            return
        self._stop_provisional()
        self._offer_pending = self.offer is None
        response = self.success(self.invite, body)
        self.session_timer.agree(self.invite, response, now)
        self.send_success(self._transaction, response, now)

    def reject(self, now: float, status: int, reason: str = "", *, retry_after: int | None = None) -> None:
        """Send a final response that is no success."""
        if self.state != "early":
            return
        response = respond(self.invite, status, reason, tag=self.dialog.local_tag, retry_after=retry_after)
        self._stop_provisional()
        self._transaction.respond(response, now)
        self.end("we_hung_up")

    def cancel(self, now: float) -> None:
        """The caller gave up before the answer, or said how long to wait: 487 (sections 9.2 and 13.3.1)."""
        if self.state != "early":
            return
        self._stop_provisional()
        self._transaction.respond(respond(self.invite, 487, tag=self.dialog.local_tag), now)
        self.end("caller_cancelled")

    def hang_up(self, now: float, reason: EndReason = "we_hung_up", *, at_once: bool = False) -> None:
        """BYE, or a refusal while the call is not answered."""
        if self.state == "early":
            self.reject(now, 480)
        else:
            super().hang_up(now, reason, at_once=at_once)

    def receive_prack(self, request: Request, transaction: Transaction, now: float) -> None:
        """Stop repeating the response that it acknowledges; it may come after the final one (RFC 3262 section 3)."""
        wanted = f"{self._response_number} {self.invite.cseq.sequence} INVITE"
        if not self._awaits_prack or " ".join((request.headers.get("RAck") or "").split()) != wanted:
            transaction.respond(respond(request, 481), now)
            return
        self._awaits_prack = False
        self._stop_repeating()
        transaction.respond(respond(request, 200), now)

    def _receive_bye(self, request: Request, transaction: Transaction, now: float) -> None:
        if self.state == "early":  # section 15.1.2: the INVITE is answered as well
            self._stop_provisional()
            self._transaction.respond(respond(self.invite, 487, tag=self.dialog.local_tag), now)
        super()._receive_bye(request, transaction, now)

    def _send_reliably(self, response: Response, now: float, interval: float, deadline: float) -> None:
        if now >= deadline:
            self.reject(now, 504, "Provisional response was not acknowledged")
            return
        self._transaction.respond(response, now)
        self._unacknowledged = self.agent.schedule.at(
            min(now + interval, deadline), lambda now: self._send_reliably(response, now, interval * 2, deadline)
        )

    def _stop_provisional(self) -> None:
        self._stop_repeating()
        if self._expiry is not None:
            self._expiry.cancel()

    def _stop_repeating(self) -> None:
        if self._unacknowledged is not None:
            self._unacknowledged.cancel()
            self._unacknowledged = None
