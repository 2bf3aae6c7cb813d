"""A call of ours, from INVITE to ACK (RFC 3261 sections 13.2, 9.1 and 22.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from telephony.sip.call import Call, CallListener, EndReason
from telephony.sip.dialog import Dialog
from telephony.sip.digest import DigestClient
from telephony.sip.flow import Flow
from telephony.sip.message import Request, Response, copy_header
from telephony.sip.response import respond
from telephony.sip.transaction import Transaction
from telephony.sip.uri import Uri, parse_uri

if TYPE_CHECKING:
    from telephony.sip.user_agent import UserAgent


class OutboundCall(Call):
    """The client side of an INVITE; `on_failed(status)` is told when there will be no call, 408 for no response."""

    def __init__(
        self,
        agent: UserAgent,
        target: Uri,
        flow: Flow,
        listener: CallListener,
        *,
        caller: str,
        token: Callable[[], str],
        digest: DigestClient | None = None,
        on_failed: Callable[[int, str], None],
    ) -> None:
        own = parse_uri(agent.own_uri(flow))
        host = f"[{own.host}]" if ":" in own.host and not own.host.startswith("[") else own.host
        dialog = Dialog(
            call_id=f"{token()}@{host.strip('[]')}",
            local_tag=token(),
            remote_tag="",
            local_address="",
            remote_address=f"<{target.text}>",
            remote_target=target,
        )
        dialog.local_address = f"<sip:{caller}@{host}>;tag={dialog.local_tag}"
        super().__init__(agent, dialog, flow, listener)
        self.digest = digest
        self._on_failed = on_failed
        self._body = b""
        self._invite: Request | None = None
        self.heard_of = False
        self._cancelled = False
        self._challenged = False

    def start(self, now: float, body: bytes) -> None:
        """Send INVITE with an offer."""
        self._body = body
        self._send_invite(self._new_invite(), now)

    def hang_up(self, now: float, reason: EndReason = "we_hung_up", *, at_once: bool = False) -> None:
        """BYE, or CANCEL while there is no answer (section 9.1: not before a provisional response)."""
        if self.state != "early":
            super().hang_up(now, reason, at_once=at_once)
            return
        self._cancelled = True
        if self.heard_of:
            self._send_cancel(now)

    def _new_invite(self) -> Request:
        invite = self.dialog.request("INVITE")
        invite.headers.set("Contact", self.agent.contact(self.flow, secure=self.dialog.secure))
        invite.headers.set("Supported", "timer")
        invite.body = self._body
        return invite

    def _send_invite(self, invite: Request, now: float) -> None:
        self._invite = invite
        self.agent.ask(invite, self.flow, now, self._receive_response)

    def _send_cancel(self, now: float) -> None:
        invite = self._invite
        if invite is None:
            return
        cancel = Request("CANCEL", invite.uri)
        for name in ("Via", "From", "To", "Call-ID", "Max-Forwards", "Route"):
            copy_header(name, invite, cancel)
        cancel.headers.set("CSeq", f"{invite.cseq.sequence} CANCEL")
        self.agent.transactions.ask(cancel, self.flow, now, lambda response, now: None)

    def _receive_response(self, response: Response | None, now: float) -> None:
        if response is None:
            self._fail(408, "no response", now)
        elif response.status < 200:
            self.heard_of = True
            if self._cancelled:
                self._send_cancel(now)
        elif response.status < 300:
            self._receive_success(response, now)
        elif response.status in {401, 407} and not self._challenged and self._authorized(response, now):
            self._challenged = True
        else:
            self._fail(response.status, response.reason, now)

    def _receive_success(self, response: Response, now: float) -> None:
        invite = self._invite
        if invite is None:
            return
        sequence = invite.cseq.sequence
        if self.state != "early":
            if response.to.tag == self.dialog.remote_tag:
                self.acknowledge(response, sequence)  # its ACK was lost
            else:
                self._end_fork(Dialog.of_client(invite, response), sequence, now)
            return
        self.dialog = Dialog.of_client(invite, response)
        self.peer_allows = set(response.tokens("Allow"))
        self.state = "confirmed"
        self.agent.calls[self.dialog.id] = self
        self.acknowledge(response, sequence)
        self.session_timer.accept(response, now)
        if self._cancelled:
            super().hang_up(now)
        elif self.listener.on_answer(response.body):
            self.listener.on_acknowledged()
        else:
            super().hang_up(now, "failed")

    def _end_fork(self, dialog: Dialog, sequence: int, now: float) -> None:
        """A proxy rang several phones and a second one answered too: it gets ACK and BYE (section 13.2.2.4)."""
        kept, self.dialog = self.dialog, dialog
        self.agent.send_ack(self, dialog.request("ACK", sequence=sequence))
        self.send("BYE", now, lambda response, now: None)
        self.dialog = kept

    def _authorized(self, response: Response, now: float) -> bool:
        if self.digest is None:
            return False
        invite = self._new_invite()
        if not self.digest.authorize(invite, response):
            return False
        self._send_invite(invite, now)
        return True

    def _fail(self, status: int, reason: str, now: float) -> None:
        if self.state == "early":
            self.state = "ended"
            self._on_failed(status, reason)

    def _receive_bye(self, request: Request, transaction: Transaction, now: float) -> None:
        transaction.respond(respond(request, 200), now)
        self.end("caller_hung_up")
