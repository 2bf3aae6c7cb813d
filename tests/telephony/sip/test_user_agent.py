"""Requests outside a dialog: what is served, refused and how (RFC 3261 section 8.2)."""

from __future__ import annotations

import pytest

from telephony.sip.digest import DigestClient
from telephony.sip.flow import Flow
from telephony.sip.message import Message, Response, parse_message
from tests.telephony.sip.harness import HOME, OFFER, UDP, Network, invite, request, statuses


def only(messages: list[Message]) -> Response:
    (message,) = messages
    assert isinstance(message, Response)
    return message


def test_options_tells_what_we_can_do() -> None:
    answer = only(Network().receive(request("OPTIONS")))
    assert answer.status == 200
    assert "INVITE" in answer.tokens("Allow")
    assert "application/sdp" in answer.tokens("Accept")
    assert answer.tokens("Supported") == ["100rel", "timer"]


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ("REGISTER", 405),
        ("MESSAGE", 405),
        ("PUBLISH", 405),
        ("REFER", 405),
        ("SUBSCRIBE", 489),
        ("FOO", 501),
        ("invite", 501),
    ],
)
def test_methods_we_do_not_have(method: str, status: int) -> None:
    answer = only(Network().receive(request(method)))
    assert answer.status == status
    assert answer.headers.get("Allow") or status == 489


@pytest.mark.parametrize(
    ("headers", "status", "header", "value"),
    [
        ({"Require": "foo, 100rel, bar"}, 420, "Unsupported", "foo, bar"),
        ({"Content_Type": "text/plain"}, 415, "Accept", None),
        ({"Content_Encoding": "gzip"}, 415, "Accept-Encoding", "identity"),
        ({"Accept": "text/plain"}, 406, None, None),
        ({"Supported": "timer", "Session_Expires": "30"}, 422, "Min-SE", "90"),
        ({"Supported": "timer", "Session_Expires": "x"}, 400, None, None),
        ({"Max_Forwards": "256"}, 400, None, None),
        ({"Max_Forwards": "-1"}, 400, None, None),
        ({"CSeq": "1 BYE"}, 400, None, None),
        ({"CSeq": "4294967296 INVITE"}, 400, None, None),
        ({"CSeq": "x INVITE"}, 400, None, None),
        ({"Content_Length": "99999"}, 400, None, None),
        ({"Contact": "<sip:a@b>, <sip:c@d>"}, 400, None, None),
        ({"Contact": '"open <sip:a@b>'}, 400, None, None),
        ({"Record_Route": "<sip:a"}, 400, None, None),
        ({"uri": "http://example.com"}, 416, None, None),
        ({"uri": "sip:a@b?x=y"}, 400, None, None),
        ({"uri": "sip:" + "1" * 3000 + "@b"}, 414, None, None),
    ],
)
def test_invites_that_are_refused(headers: dict[str, str], status: int, header: str | None, value: str | None) -> None:
    network = Network()
    answer = next(
        each for each in network.receive(invite(**headers)) if isinstance(each, Response) and each.status > 100
    )
    assert answer.status == status
    if header is not None:
        assert answer.headers.get(header)
        assert value in {None, answer.headers.get(header)}
    assert network.calls == []
    assert network.agent.calls == {}


def test_headers_left_empty_are_no_reason_to_refuse() -> None:
    empty = dict.fromkeys(["Route", "Record_Route", "Supported", "Require", "Subject", "Accept", "Contact"], "")
    assert statuses(Network().receive(invite(**empty))) == [100, 200]


def test_another_version_of_sip() -> None:
    octets = bytes(invite()).replace(b" SIP/2.0\r\n", b" SIP/3.0\r\n", 1)
    assert statuses(Network().receive(octets)) == [505]


def test_a_description_inside_multipart_is_found() -> None:
    body = (
        b"--x\r\nContent-Type: text/plain\r\n\r\nhi\r\n--x\r\nContent-Type: application/sdp\r\n\r\n"
        + OFFER
        + b"\r\n--x--"
    )
    network = Network()
    assert statuses(network.receive(invite(body=body, Content_Type='multipart/mixed; boundary="x"'))) == [100, 200]
    assert network.calls[0].offer is not None
    assert b"m=audio 4000" in network.calls[0].offer


def test_a_body_that_may_be_left_aside() -> None:
    network = Network()
    headers = {"Content_Type": "text/plain", "Content_Disposition": "render; handling=optional"}
    assert statuses(network.receive(invite(body=b"hello", **headers))) == [100, 200]


def test_when_every_line_is_taken() -> None:
    network = Network(max_calls=1)
    network.receive(invite())
    answer = only(network.receive(invite(branch="z9hG4bK2", call_id="2")))
    assert answer.status == 503
    assert answer.headers.get("Retry-After")
    assert only(network.receive(request("OPTIONS", branch="z9hG4bK3", call_id="3"))).status == 503
    assert network.admission.refused == {"full": 1}


def test_while_draining() -> None:
    network = Network()
    tag = network.receive(invite())[-1].to.tag
    network.agent.draining = True
    assert only(network.receive(request("OPTIONS", branch="z9hG4bK3", call_id="3"))).status == 503
    assert only(network.receive(invite(branch="z9hG4bK2", call_id="2"))).status == 503
    assert statuses(network.receive(request("BYE", branch="z9hG4bK4", sequence=2, to_tag=tag))) == [200]


def test_strangers_are_refused_when_nobody_has_a_password() -> None:
    network = Network(allow="10.0.0.0/8")
    assert statuses(network.receive(invite())) == [403]
    assert statuses(network.receive(request("OPTIONS"))) == [403]
    assert network.admission.refused == {"network": 2}
    assert len(network.agent.transactions) == 0


@pytest.mark.parametrize("algorithm", ["SHA-256", "MD5"])
def test_strangers_with_a_password_are_admitted(algorithm: str) -> None:
    network = Network(allow="10.0.0.0/8", passwords={"trunk": "secret"})
    challenge = only(network.receive(invite()))
    assert challenge.status == 401
    values = [value for value in challenge.headers.getlist("WWW-Authenticate") if f"algorithm={algorithm}" in value]
    challenge.headers.setlist("WWW-Authenticate", values)
    again = invite(branch="z9hG4bK2", sequence=2)
    assert DigestClient("trunk", "secret", lambda: "c").authorize(again, challenge)
    assert statuses(network.receive(again)) == [100, 200]
    replay = invite(branch="z9hG4bK3", sequence=2, call_id="other", Authorization=again.header("Authorization"))
    assert statuses(network.receive(replay)) == [401]


def test_a_wrong_password_is_asked_again_and_counted() -> None:
    network = Network(allow="10.0.0.0/8", passwords={"trunk": "secret"})
    challenge = only(network.receive(invite()))
    for name, password in (("trunk", "wrong"), ("nobody", "secret")):
        again = invite(branch="z9hG4bK2", sequence=2)
        DigestClient(name, password, lambda: "c").authorize(again, challenge)
        assert statuses(network.receive(again)) == [401]
    assert network.admission.refused == {"challenge": 1, "password": 2}


def test_an_old_nonce_is_stale() -> None:
    network = Network(allow="10.0.0.0/8", passwords={"trunk": "secret"})
    challenge = only(network.receive(invite()))
    again = invite(branch="z9hG4bK2", sequence=2)
    DigestClient("trunk", "secret", lambda: "c").authorize(again, challenge)
    network.advance(1000)
    assert "stale=true" in only(network.receive(again)).header("WWW-Authenticate")


@pytest.mark.parametrize("product", ["friendly-scanner", "sipcli/v1.8", "SIPVicious 0.3"])
def test_scanners_are_refused_and_counted(product: str) -> None:
    network = Network()
    assert statuses(network.receive(request("OPTIONS", User_Agent=product))) == [403]
    assert network.admission.refused == {"scanner": 1}
    assert len(network.agent.transactions) == 0


def test_a_flood_is_slowed_then_left_unanswered() -> None:
    network = Network(rate=10)
    answers = [statuses(network.receive(request("OPTIONS", branch=f"z9hG4bK{n}", call_id=str(n)))) for n in range(40)]
    assert answers[:10] == [[200]] * 10
    assert answers[10:14] == [[503]] * 4
    assert answers[-1] == []
    assert network.admission.refused["rate"] == 30
    other = Flow("UDP", ("192.0.2.11", 5060), HOME)
    assert statuses(network.receive(request("OPTIONS", branch="z9hG4bKo", call_id="o"), other)) == [200]
    network.advance(2)
    assert statuses(network.receive(request("OPTIONS", branch="z9hG4bKp", call_id="p"))) == [200]


def test_a_flood_of_broken_messages_is_limited_as_well() -> None:
    network = Network(rate=10)
    answers = [statuses(network.receive(request("OPTIONS", CSeq="x"))) for _ in range(40)]
    assert answers.count([400]) == 10
    assert answers[-1] == []


def test_answers_go_where_the_request_came_from() -> None:
    network = Network()
    network.receive(request("OPTIONS", Via="SIP/2.0/UDP 203.0.113.5:9999;branch=z9hG4bKx;rport"))
    data, flow, _ = network.sent[-1]
    assert flow == UDP
    via = parse_message(data).vias[0]
    assert (via.parameters["received"], via.parameters["rport"]) == ("192.0.2.10", "5060")


def test_refusals_keep_no_state_and_the_same_tag() -> None:
    network = Network(allow="10.0.0.0/8")
    first, second = (only(network.receive(invite())).to.tag for _ in range(2))
    assert first == second != ""
    assert network.receive(request("ACK", to_tag=first)) == []


def test_memory_is_given_back() -> None:
    network = Network(rate=100000, max_calls=10000)
    for number in range(500):
        options = {"branch": f"z9hG4bK{number}", "call_id": str(number)}
        tag = network.receive(invite(**options))[-1].to.tag
        network.receive(request("ACK", to_tag=tag, **options))
        network.receive(request("BYE", branch=f"z9hG4bKb{number}", call_id=str(number), sequence=2, to_tag=tag))
    network.advance(60)
    assert len(network.agent.transactions) == 0
    assert network.agent.calls == {}
    assert network.agent.schedule.next() is None
