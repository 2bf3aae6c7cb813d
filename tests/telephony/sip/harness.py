"""A user agent with a network of lists and a clock of numbers: every object is real but the sockets."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network
from itertools import count

from telephony.sip.admission import Admission
from telephony.sip.digest import DigestServer
from telephony.sip.flow import Flow
from telephony.sip.inbound_call import InboundCall
from telephony.sip.ladder import Ladders
from telephony.sip.message import Message, Request, Response, parse_message
from telephony.sip.user_agent import Line, UserAgent

PEER = ("192.0.2.10", 5060)
HOME = ("192.0.2.1", 5060)
UDP = Flow("UDP", PEER, HOME)
TCP = Flow("TCP", PEER, HOME, 1)
OFFER = b"v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 101\r\n"
ANSWER = b"v=0\r\no=- 2 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"


class Listener:
    """Notes what it is told and answers every offer with `ANSWER`."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.offers: list[bytes] = []
        self.meets_offers = True

    def on_offer(self, body: bytes) -> bytes | None:
        self.offers.append(body)
        return ANSWER if self.meets_offers else None

    def on_offer_wanted(self) -> bytes:
        return ANSWER

    def on_answer(self, body: bytes) -> bool:
        self.heard.append("answer")
        return body.startswith(b"v=0")

    def on_acknowledged(self) -> None:
        self.heard.append("acknowledged")

    def on_digit(self, digit: str) -> None:
        self.heard.append(f"digit {digit}")

    def on_ended(self, reason: str) -> None:
        self.heard.append(f"ended {reason}")


class Network:
    """One user agent and what it sent."""

    def __init__(
        self,
        *,
        answer: bool = True,
        max_calls: int = 10,
        passwords: dict[str, str] | None = None,
        allow: str = "0.0.0.0/0",
        rate: float = 1000,
    ) -> None:
        self.now = 100.0
        self.sent: list[tuple[bytes, Flow, float]] = []
        self.calls: list[InboundCall] = []
        self.listener = Listener()
        self.answers = answer
        network = ip_network(allow)
        assert isinstance(network, IPv4Network)
        self.admission = Admission((network,), passwords or {}, rate, DigestServer("hotline", b"secret"))
        numbers = count(1)
        self.agent = UserAgent(
            Line(lambda flow: HOME, max_calls=max_calls),
            self,
            self.admission,
            transmit=lambda data, flow: self.sent.append((data, flow, self.now)),
            token=lambda: f"token{next(numbers)}",
            observe=Ladders().observe,
        )

    def on_invite(self, call: InboundCall, now: float) -> None:
        call.listener = self.listener
        self.calls.append(call)
        if self.answers:
            call.answer(now, ANSWER)

    def receive(self, data: bytes | Message, flow: Flow = UDP) -> list[Message]:
        """Let a message arrive; return what is sent in the same moment."""
        before = len(self.sent)
        if isinstance(data, Response):
            data.headers.set("Content-Length", str(len(data.body)))
        self.agent.receive(bytes(data), flow, self.now)
        return [parse_message(data) for data, _, _ in self.sent[before:]]

    def advance(self, seconds: float) -> list[Message]:
        """Let time pass, timer by timer; return what is sent meanwhile."""
        before, end = len(self.sent), self.now + seconds
        while (due := self.agent.schedule.next()) is not None and due <= end:
            self.now = max(self.now, due)
            self.agent.run(self.now)
        self.now = end
        return [parse_message(data) for data, _, _ in self.sent[before:]]


def request(
    method: str = "INVITE",
    *,
    branch: str = "z9hG4bK1",
    call_id: str = "call-1",
    sequence: int = 1,
    to_tag: str = "",
    from_tag: str = "peer",
    body: bytes = b"",
    uri: str = "sip:12345@192.0.2.1",
    **headers: str,
) -> Request:
    """Return a request of the peer; `headers` are named with underscores for hyphens."""
    made = Request(method, uri, body)
    values = {
        "Via": f"SIP/2.0/UDP {PEER[0]}:{PEER[1]};branch={branch};rport",
        "From": f"<sip:13800001234@192.0.2.10>;tag={from_tag}",
        "To": "<sip:12345@192.0.2.1>" + (f";tag={to_tag}" if to_tag else ""),
        "Call-ID": call_id,
        "CSeq": f"{sequence} {method}",
        "Contact": "<sip:13800001234@192.0.2.10:5060>",
        "Max-Forwards": "70",
        "Content-Length": str(len(body)),
    }
    if body:
        values["Content-Type"] = "application/sdp"
    for name, value in (values | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        made.headers.set(name, value)
    return made


def invite(**options: object) -> Request:
    """Return an INVITE with an offer."""
    return request("INVITE", **({"body": OFFER} | options))  # type: ignore[arg-type]


def statuses(messages: list[Message]) -> list[int]:
    """Return the status of every response among messages."""
    return [message.status for message in messages if isinstance(message, Response)]


def methods(messages: list[Message]) -> list[str]:
    """Return the method of every request among messages."""
    return [message.method for message in messages if isinstance(message, Request)]
