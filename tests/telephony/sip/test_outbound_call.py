"""Calls of ours: INVITE, challenge, answer, forks, CANCEL (RFC 3261 sections 9.1, 13.2, 22.2)."""

from __future__ import annotations

from itertools import count

from telephony.sip.digest import DigestClient
from telephony.sip.message import Message, Request, Response, parse_message
from telephony.sip.outbound_call import OutboundCall
from telephony.sip.response import respond
from telephony.sip.uri import parse_uri
from tests.telephony.sip.harness import ANSWER, OFFER, UDP, Network, methods, request, statuses


class Phone(Network):
    """A network with one call of ours going out."""

    def __init__(self, *, password: str = "") -> None:
        super().__init__()
        self.failed: list[int] = []
        numbers = count(1)
        self.call = OutboundCall(
            self.agent,
            parse_uri("sip:12345@192.0.2.10"),
            UDP,
            self.listener,
            caller="13800001234",
            token=lambda: f"own{next(numbers)}",
            digest=DigestClient("13800001234", password, lambda: "c") if password else None,
            on_failed=lambda status, reason: self.failed.append(status),
        )
        self.call.start(self.now, OFFER)

    @property
    def last_request(self) -> Request:
        message = parse_message(self.sent[-1][0])
        assert isinstance(message, Request)
        return message

    def answer(self, status: int, *, to: Request | None = None, tag: str = "t", **headers: str) -> list[Message]:
        response = respond(to or self.last_request, status, tag=tag)
        for name, value in headers.items():
            response.headers.set(name.replace("_", "-"), value)
        if status == 200:
            response.headers.set("Contact", "<sip:desk@192.0.2.44:5066>")
            response.headers.set("Content-Type", "application/sdp")
            response.body = ANSWER
        return self.receive(response)


def test_a_call_that_is_answered_and_ended_by_us() -> None:
    phone = Phone()
    invite = phone.last_request
    assert invite.method == "INVITE"
    assert invite.body == OFFER
    assert phone.answer(100) == []
    sent = phone.answer(200, to=invite, Record_Route="<sip:a;lr>, <sip:192.0.2.10;lr>")
    assert methods(sent) == ["ACK"]
    ack = phone.last_request
    assert ack.uri == "sip:desk@192.0.2.44:5066"
    assert ack.headers.getlist("Route") == ["<sip:192.0.2.10;lr>", "<sip:a;lr>"]
    assert ack.cseq.sequence == invite.cseq.sequence
    assert ack.vias[0].branch != invite.vias[0].branch
    assert phone.listener.heard == ["answer", "acknowledged"]
    assert methods(phone.answer(200, to=invite)) == ["ACK"]
    phone.call.hang_up(phone.now)
    assert phone.last_request.method == "BYE"
    assert phone.last_request.cseq.sequence == invite.cseq.sequence + 1
    assert phone.listener.heard[-1] == "ended we_hung_up"


def test_the_other_side_hangs_up() -> None:
    phone = Phone()
    invite = phone.last_request
    phone.answer(200)
    dialog = phone.call.dialog
    bye = request("BYE", call_id=dialog.call_id, to_tag=dialog.local_tag, from_tag=dialog.remote_tag, sequence=1)
    assert statuses(phone.receive(bye)) == [200]
    assert phone.listener.heard[-1] == "ended caller_hung_up"
    assert invite.from_.tag == dialog.local_tag


def test_a_second_phone_that_answers_gets_bye() -> None:
    phone = Phone()
    invite = phone.last_request
    phone.answer(200, to=invite, tag="first")
    assert methods(phone.answer(200, to=invite, tag="second")) == ["ACK", "BYE"]
    assert phone.last_request.to.tag == "second"
    assert phone.call.state == "confirmed"
    assert phone.call.dialog.remote_tag == "first"


def test_busy_is_acknowledged_and_told() -> None:
    phone = Phone()
    assert methods(phone.answer(486)) == ["ACK"]
    assert phone.failed == [486]
    assert methods(phone.advance(40)) == []


def test_nobody_there() -> None:
    phone = Phone()
    assert methods(phone.advance(40)) == ["INVITE"] * 6
    assert phone.failed == [408]


def test_a_challenge_is_answered_once() -> None:
    phone = Phone(password="secret")
    invite = phone.last_request
    sent = phone.answer(407, Proxy_Authenticate='Digest realm="r", nonce="n", qop="auth,auth-int", opaque="o"')
    assert methods(sent) == ["ACK", "INVITE"]
    again = phone.last_request
    assert again.cseq.sequence == invite.cseq.sequence + 1
    assert again.call_id == invite.call_id
    assert 'opaque="o"' in again.header("Proxy-Authorization")
    phone.answer(407, Proxy_Authenticate='Digest realm="r", nonce="m", qop="auth"')
    assert phone.failed == [407]


def test_cancel_waits_for_a_provisional_response() -> None:
    phone = Phone()
    invite = phone.last_request
    phone.call.hang_up(phone.now)
    assert phone.last_request.method == "INVITE"
    assert methods(phone.answer(180)) == ["CANCEL"]
    cancel = phone.last_request
    assert cancel.vias[0].branch == invite.vias[0].branch
    assert cancel.cseq.sequence == invite.cseq.sequence
    phone.answer(200, to=cancel)
    phone.answer(487, to=invite)
    assert phone.failed == [487]


def test_an_answer_that_crosses_our_cancel_is_hung_up() -> None:
    phone = Phone()
    invite = phone.last_request
    phone.call.hang_up(phone.now)
    phone.answer(180)
    assert methods(phone.answer(200, to=invite)) == ["ACK", "BYE"]


def test_an_answer_without_a_description_is_hung_up() -> None:
    phone = Phone()
    response = respond(phone.last_request, 200, tag="t")
    assert isinstance(response, Response)
    assert methods(phone.receive(response)) == ["ACK", "BYE"]
    assert phone.listener.heard[-1] == "ended failed"
