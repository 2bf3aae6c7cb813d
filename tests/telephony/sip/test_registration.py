"""Registration with a registrar of lists (RFC 3261 section 10)."""

from __future__ import annotations

from config.sections import Trunk
from telephony.sip.flow import Flow
from telephony.sip.message import Message, Request, parse_message
from telephony.sip.registration import FIRST_RETRY, REFUSED_RETRY, Registration
from telephony.sip.response import respond
from telephony.sip.uri import Uri
from tests.telephony.sip.harness import HOME, PEER, Network, methods


class Registrar(Network):
    """The far side of one trunk."""

    def __init__(self, **trunk: object) -> None:
        super().__init__(allow="10.0.0.0/8")
        settings = {"name": "pbx", "registrar": "sip:192.0.2.10", "username": "6001", "password": "secret"} | trunk
        self.registration = Registration(Trunk.model_validate(settings), self.agent, self.flow_to, self.admission)
        self.registration.start(self.now)

    def flow_to(self, uri: Uri) -> Flow:
        return Flow("UDP", uri.address, HOME)

    def requests(self, seconds: float) -> list[Message]:
        """Let time pass; return what is sent but keep-alives."""
        before, end = len(self.sent), self.now + seconds
        while (due := self.agent.schedule.next()) is not None and due <= end:
            self.now = due
            self.agent.run(due)
        self.now = end
        return [parse_message(data) for data, _, _ in self.sent[before:] if data != b"\r\n\r\n"]

    @property
    def asked(self) -> Request:
        message = parse_message(next(data for data, _, _ in reversed(self.sent) if data != b"\r\n\r\n"))
        assert isinstance(message, Request)
        return message

    def answer(self, status: int, **headers: str) -> list[Message]:
        response = respond(self.asked, status)
        for name, value in headers.items():
            response.headers.set(name.replace("_", "-"), value)
        return self.receive(response, Flow("UDP", PEER, HOME))


CHALLENGE = 'Digest realm="pbx", nonce="n1", algorithm=SHA-256, qop="auth", opaque="x"'


def test_register_challenge_refresh() -> None:
    registrar = Registrar()
    first = registrar.asked
    assert (first.method, first.uri, first.header("Expires")) == ("REGISTER", "sip:192.0.2.10", "600")
    assert first.contacts[0].uri.text == "sip:6001@192.0.2.1:5060"
    registrar.answer(401, WWW_Authenticate=CHALLENGE)
    second = registrar.asked
    assert second.call_id == first.call_id
    assert second.cseq.sequence == first.cseq.sequence + 1
    assert "SHA-256" in second.header("Authorization")
    registrar.answer(200, Contact="<sip:other@192.0.2.1:5060>;expires=60, <sip:6001@192.0.2.1:5060>;expires=100")
    state = registrar.registration.state()
    assert state.registered
    assert "100 s" in state.detail
    assert registrar.requests(59) == []
    (refresh, *_) = registrar.requests(2)
    assert isinstance(refresh, Request)
    assert refresh.call_id == first.call_id


def test_calls_of_the_registrar_are_admitted() -> None:
    registrar = Registrar()
    assert not registrar.admission.trusted(Flow("UDP", PEER, HOME))
    registrar.answer(200)
    assert registrar.admission.trusted(Flow("UDP", PEER, HOME))
    assert registrar.registration.leads(Flow("UDP", PEER, HOME), "sip:6001@192.0.2.1")
    assert not registrar.registration.leads(Flow("UDP", ("192.0.2.11", 5060), HOME), "sip:6001@192.0.2.1")


def test_a_wrong_password_is_said_and_not_tried_at_once() -> None:
    registrar = Registrar()
    registrar.answer(401, WWW_Authenticate=CHALLENGE)
    assert registrar.answer(401, WWW_Authenticate=CHALLENGE.replace("n1", "n2")) == []
    assert registrar.registration.state().detail == "wrong user name or password"
    assert registrar.requests(REFUSED_RETRY - 1) == []
    assert methods(registrar.requests(2))[:1] == ["REGISTER"]


def test_a_stale_nonce_is_answered_at_once() -> None:
    registrar = Registrar()
    registrar.answer(401, WWW_Authenticate=CHALLENGE)
    assert methods(registrar.answer(401, WWW_Authenticate=CHALLENGE.replace("n1", "n2") + ", stale=true")) == [
        "REGISTER"
    ]


def test_an_interval_too_brief_is_lengthened() -> None:
    registrar = Registrar(expires=60)
    registrar.answer(423, Min_Expires="1800")
    assert registrar.asked.header("Expires") == "1800"


def test_no_answer_then_the_next_registrar_then_a_pause() -> None:
    registrar = Registrar(registrar="sip:192.0.2.10, sip:192.0.2.20")
    registrar.requests(31.9)
    registrar.requests(0.2)
    assert registrar.asked.uri == "sip:192.0.2.20"
    assert registrar.sent[-1][1].remote == ("192.0.2.20", 5060)
    registrar.answer(503)
    assert registrar.registration.state().detail == "192.0.2.20: 503 Service Unavailable"
    assert registrar.requests(FIRST_RETRY + 4) == []
    (again, *_) = registrar.requests(2)
    assert isinstance(again, Request)
    assert again.uri == "sip:192.0.2.10"


def test_the_pause_grows_and_heeds_retry_after() -> None:
    registrar = Registrar()
    registrar.answer(500)
    assert methods(registrar.requests(FIRST_RETRY)) == ["REGISTER"]
    registrar.answer(503, Retry_After="100 (busy)")
    assert registrar.requests(99) == []
    assert methods(registrar.requests(1.1)) == ["REGISTER"]


def test_after_the_network_came_back_it_is_registered_again() -> None:
    registrar = Registrar(expires=100)
    registrar.answer(200)
    registrar.requests(60)
    registrar.requests(33)
    assert not registrar.registration.registered
    registrar.requests(FIRST_RETRY)
    registrar.answer(200)
    assert registrar.registration.registered


def test_an_outbound_proxy_is_the_first_hop() -> None:
    registrar = Registrar(outbound_proxy="sip:192.0.2.30:5080")
    assert registrar.asked.headers.getlist("Route") == ["<sip:192.0.2.30:5080;lr>"]
    assert registrar.asked.uri == "sip:192.0.2.10"
    assert registrar.sent[-1][1].remote == ("192.0.2.30", 5080)


def test_at_the_end_the_binding_is_taken_back() -> None:
    registrar = Registrar()
    registrar.answer(200)
    registrar.registration.stop(registrar.now)
    assert registrar.asked.header("Expires") == "0"
    registrar.answer(401, WWW_Authenticate=CHALLENGE)
    registrar.answer(200)
    assert not registrar.registration.registered
    assert registrar.requests(1000) == []


def test_a_nat_is_kept_open_while_registered() -> None:
    registrar = Registrar()
    registrar.answer(200)
    before = len(registrar.sent)
    registrar.requests(80)
    assert [data for data, _, _ in registrar.sent[before:]] == [b"\r\n\r\n"] * 3
