"""The four transactions as one table (RFC 3261 section 17 with RFC 6026); everything that affects state is here.

A row is `(kind, state, event): (next state, actions)`. Events: what came from the wire (`request`, `ack`,
`provisional`, `success`, `failure`), what the user sends (`send provisional`, ...), and the timers by their letter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from telephony.sip.flow import Flow
from telephony.sip.message import Request, Response, copy_header
from telephony.sip.schedule import Schedule, Timer

T1 = 0.5
"Round trip estimate (RFC 3261 section 17.1.1.1)."
T2 = 4.0
"Longest interval of retransmissions other than INVITE's."
T4 = 5.0
"Longest time a message stays in the network."

Kind = Literal["invite server", "server", "invite client", "client"]
Row = tuple[str, tuple[str, ...]]

TABLE: dict[tuple[Kind, str, str], Row] = {
    # INVITE server, section 17.2.1; ACCEPTED is RFC 6026's: the call retransmits the 2xx, not the transaction.
    ("invite server", "PROCEEDING", "request"): ("PROCEEDING", ("resend",)),
    ("invite server", "PROCEEDING", "send provisional"): ("PROCEEDING", ("send",)),
    ("invite server", "PROCEEDING", "send success"): ("ACCEPTED", ("send", "start L")),
    ("invite server", "PROCEEDING", "send failure"): ("COMPLETED", ("send", "start G", "start H")),
    ("invite server", "COMPLETED", "request"): ("COMPLETED", ("resend",)),
    ("invite server", "COMPLETED", "G"): ("COMPLETED", ("resend", "double G")),
    ("invite server", "COMPLETED", "ack"): ("CONFIRMED", ("stop", "start I")),
    ("invite server", "COMPLETED", "H"): ("TERMINATED", ("stop",)),
    ("invite server", "CONFIRMED", "I"): ("TERMINATED", ("stop",)),
    ("invite server", "ACCEPTED", "request"): ("ACCEPTED", ("resend",)),
    ("invite server", "ACCEPTED", "send success"): ("ACCEPTED", ("send",)),
    ("invite server", "ACCEPTED", "L"): ("TERMINATED", ("stop",)),
    # Other server, section 17.2.2
    ("server", "TRYING", "send provisional"): ("PROCEEDING", ("send",)),
    ("server", "TRYING", "send success"): ("COMPLETED", ("send", "start J")),
    ("server", "TRYING", "send failure"): ("COMPLETED", ("send", "start J")),
    ("server", "PROCEEDING", "request"): ("PROCEEDING", ("resend",)),
    ("server", "PROCEEDING", "send provisional"): ("PROCEEDING", ("send",)),
    ("server", "PROCEEDING", "send success"): ("COMPLETED", ("send", "start J")),
    ("server", "PROCEEDING", "send failure"): ("COMPLETED", ("send", "start J")),
    ("server", "COMPLETED", "request"): ("COMPLETED", ("resend",)),
    ("server", "COMPLETED", "J"): ("TERMINATED", ("stop",)),
    # INVITE client, section 17.1.1 and RFC 6026
    ("invite client", "CALLING", "start"): ("CALLING", ("send", "start A", "start B")),
    ("invite client", "CALLING", "A"): ("CALLING", ("resend", "double A")),
    ("invite client", "CALLING", "B"): ("TERMINATED", ("stop", "time out")),
    ("invite client", "CALLING", "provisional"): ("PROCEEDING", ("stop", "pass")),
    ("invite client", "CALLING", "success"): ("ACCEPTED", ("stop", "pass", "start M")),
    ("invite client", "CALLING", "failure"): ("COMPLETED", ("stop", "acknowledge", "pass", "start D")),
    ("invite client", "PROCEEDING", "provisional"): ("PROCEEDING", ("pass",)),
    ("invite client", "PROCEEDING", "success"): ("ACCEPTED", ("pass", "start M")),
    ("invite client", "PROCEEDING", "failure"): ("COMPLETED", ("acknowledge", "pass", "start D")),
    ("invite client", "COMPLETED", "failure"): ("COMPLETED", ("acknowledge",)),
    ("invite client", "COMPLETED", "D"): ("TERMINATED", ("stop",)),
    ("invite client", "ACCEPTED", "success"): ("ACCEPTED", ("pass",)),
    ("invite client", "ACCEPTED", "M"): ("TERMINATED", ("stop",)),
    # Other client, section 17.1.2
    ("client", "TRYING", "start"): ("TRYING", ("send", "start E", "start F")),
    ("client", "TRYING", "E"): ("TRYING", ("resend", "double E")),
    ("client", "TRYING", "F"): ("TERMINATED", ("stop", "time out")),
    ("client", "TRYING", "provisional"): ("PROCEEDING", ("pass",)),
    ("client", "TRYING", "success"): ("COMPLETED", ("stop", "pass", "start K")),
    ("client", "TRYING", "failure"): ("COMPLETED", ("stop", "pass", "start K")),
    ("client", "PROCEEDING", "E"): ("PROCEEDING", ("resend", "double E")),
    ("client", "PROCEEDING", "F"): ("TERMINATED", ("stop", "time out")),
    ("client", "PROCEEDING", "provisional"): ("PROCEEDING", ("pass",)),
    ("client", "PROCEEDING", "success"): ("COMPLETED", ("stop", "pass", "start K")),
    ("client", "PROCEEDING", "failure"): ("COMPLETED", ("stop", "pass", "start K")),
    ("client", "COMPLETED", "K"): ("TERMINATED", ("stop",)),
}

FIRST: dict[Kind, str] = {
    "invite server": "PROCEEDING",
    "server": "TRYING",
    "invite client": "CALLING",
    "client": "TRYING",
}
# Seconds over UDP, seconds over a stream; None: the timer does not run there (RFC 3261 table 4).
DURATION: dict[str, tuple[float, float | None]] = {
    "A": (T1, None),
    "B": (64 * T1, 64 * T1),
    "D": (64 * T1, 0.0),
    "E": (T1, None),
    "F": (64 * T1, 64 * T1),
    "G": (T1, None),
    "H": (64 * T1, 64 * T1),
    "I": (T4, 0.0),
    "J": (64 * T1, 0.0),
    "K": (T4, 0.0),
    "L": (64 * T1, 64 * T1),
    "M": (64 * T1, 64 * T1),
}
UNBOUNDED_DOUBLING = {"A"}
"INVITE's interval doubles without a ceiling until B ends it; the others stop at T2."


class Transaction:
    """One request and its responses. `transmit` sends, `pass_up` gives the user what it must know (None: timed out)."""

    def __init__(
        self,
        kind: Kind,
        request: Request,
        flow: Flow,
        schedule: Schedule,
        transmit: Callable[[Request | Response, Flow], None],
        *,
        pass_up: Callable[[Response | None, float], None] | None = None,
        on_terminated: Callable[[], None] = lambda: None,
    ) -> None:
        self.kind = kind
        self.state = FIRST[kind]
        self.request = request
        self.flow = flow
        self.last: Request | Response | None = None
        self._schedule = schedule
        self._transmit = transmit
        self._pass_up = pass_up
        self._on_terminated = on_terminated
        self._timers: dict[str, Timer] = {}
        self._interval: dict[str, float] = {}

    def receive_request(self, now: float) -> None:
        """Take the request's retransmission."""
        self._advance("request", now)

    def receive_ack(self, now: float) -> None:
        """Take the ACK of a final response that is not 2xx."""
        self._advance("ack", now)

    def respond(self, response: Response, now: float) -> None:
        """Send a response of ours."""
        self._advance(f"send {_class_of(response)}", now, response)

    def start(self, now: float) -> None:
        """Send a request of ours."""
        self._advance("start", now, self.request)

    def receive_response(self, response: Response, now: float) -> None:
        """Take a response of the peer."""
        self._advance(_class_of(response), now, response)

    def give_up(self, now: float) -> None:
        """Take the transport's word that nothing can be sent (RFC 3261 section 8.1.3.1)."""
        for letter in ("B", "F"):
            self._advance(letter, now)

    def _advance(self, event: str, now: float, message: Request | Response | None = None) -> None:
        row = TABLE.get((self.kind, self.state, event))
        if row is None:
            return  # an event that the RFC's figure does not draw changes nothing
        self.state, actions = row
        for action in actions:
            self._act(action, now, message)
        if self.state == "TERMINATED":
            self._on_terminated()

    def _act(self, action: str, now: float, message: Request | Response | None) -> None:
        verb, _, letter = action.partition(" ")
        if verb == "send" and message is not None:
            self.last = message
            self._transmit(message, self.flow)
        elif verb == "resend" and self.last is not None:
            self._transmit(self.last, self.flow)
        elif verb == "start":
            self._start(letter, now, *DURATION[letter])
        elif verb == "double":
            longest = 64 * T1 if letter in UNBOUNDED_DOUBLING else T2
            self._arm(letter, now, min(2 * self._interval[letter], longest))
        elif verb == "stop":
            self._stop()
        elif verb == "acknowledge" and isinstance(message, Response):
            self._transmit(acknowledge_failure(self.request, message), self.flow)
        elif verb in {"pass", "time"} and self._pass_up is not None:
            self._pass_up(message if isinstance(message, Response) else None, now)

    def _start(self, letter: str, now: float, unreliable: float, reliable: float | None) -> None:
        seconds = reliable if self.flow.reliable else unreliable
        if seconds is not None:
            self._arm(letter, now, seconds)

    def _arm(self, letter: str, now: float, seconds: float) -> None:
        self._interval[letter] = seconds
        self._timers[letter] = self._schedule.at(now + seconds, lambda now: self._advance(letter, now))

    def _stop(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()


def acknowledge_failure(invite: Request, response: Response) -> Request:
    """Return the ACK of a final response that is not 2xx: same branch, its To (RFC 3261 section 17.1.1.3)."""
    ack = Request("ACK", invite.uri)
    ack.headers.set("Via", invite.headers.getlist("Via")[0])
    copy_header("Route", invite, ack)
    ack.headers.set("From", invite.header("From"))
    ack.headers.set("To", response.headers.get("To") or invite.header("To"))
    ack.headers.set("Call-ID", invite.call_id)
    ack.headers.set("CSeq", f"{invite.cseq.sequence} ACK")
    ack.headers.set("Max-Forwards", "70")
    ack.headers.set("Content-Length", "0")
    return ack


def _class_of(response: Response) -> str:
    return {1: "provisional", 2: "success"}.get(response.status // 100, "failure")
