"""A 2xx to INVITE is sent again and again until its ACK comes, and BYE when none does (RFC 3261 section 13.3.1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telephony.sip.message import Response
from telephony.sip.transaction import T1, T2, Transaction

if TYPE_CHECKING:
    from telephony.sip.call import Call


class AwaitedAck:
    """One 2xx of a call; the call moves on when its ACK is seen, or when a later INVITE takes its place."""

    def __init__(self, call: Call, transaction: Transaction, response: Response, now: float) -> None:
        self.sequence = transaction.request.cseq.sequence
        self._call = call
        self._transaction = transaction
        self._response = response
        self._deadline = now + 64 * T1
        self._interval = T1

    def send(self, now: float) -> None:
        """Send it, unless it is acknowledged."""
        call = self._call
        if call.awaited_ack is not self or call.state == "ended":
            return
        if now >= self._deadline:
            call.hang_up(now, "no_ack", at_once=True)
            return
        self._transaction.respond(self._response, now)
        call.agent.schedule.at(min(now + self._interval, self._deadline), self.send)
        self._interval = min(2 * self._interval, T2)
