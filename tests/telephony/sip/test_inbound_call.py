"""Calls that come to us, message by message (RFC 3665 section 3, RFC 3261 sections 9, 12, 13, 15)."""

from __future__ import annotations

import pytest

from telephony.sip.message import Message, Request, Response
from tests.telephony.sip.harness import ANSWER, OFFER, TCP, UDP, Network, invite, methods, request, statuses


def set_up(network: Network, **options: object) -> str:
    """Let a call come and be acknowledged; return our tag."""
    answers = network.receive(invite(**options))
    tag = answers[-1].to.tag
    network.receive(request("ACK", branch="z9hG4bKack", to_tag=tag))
    return tag


def last(messages: list[Message]) -> Response:
    assert isinstance(messages[-1], Response)
    return messages[-1]


def test_a_call_that_is_answered_and_hung_up() -> None:
    network = Network()
    answers = network.receive(invite())
    assert statuses(answers) == [100, 200]
    ok = last(answers)
    assert ok.body == ANSWER
    assert ok.contacts[0].uri.text == "sip:12345@192.0.2.1:5060"
    assert {"Allow", "Supported", "Content-Type"} <= set(ok.headers.keys())
    assert answers[0].headers.get("To") == "<sip:12345@192.0.2.1>"
    network.receive(request("ACK", branch="z9hG4bK2", to_tag=ok.to.tag))
    assert network.listener.heard == ["acknowledged"]
    assert network.advance(100) == []
    bye = request("BYE", branch="z9hG4bK3", sequence=2, to_tag=ok.to.tag)
    assert statuses(network.receive(bye)) == [200]
    assert statuses(network.receive(bye)) == [200]
    assert network.listener.heard == ["acknowledged", "ended caller_hung_up"]
    assert network.agent.calls == {}
    network.advance(40)
    assert len(network.agent.transactions) == 0


def test_ringing_keeps_the_tag() -> None:
    network = Network(answer=False)
    network.receive(invite(Record_Route="<sip:p1;lr>, <sip:p2;lr>"))
    (call,) = network.calls
    call.ring(network.now)
    call.answer(network.now, ANSWER)
    ringing, ok = (message for message in map(parse, network.sent[1:]))
    assert (ringing.status, ok.status) == (180, 200)
    assert ringing.to.tag == ok.to.tag != ""
    for each in (ringing, ok):
        assert each.headers.getlist("Record-Route") == ["<sip:p1;lr>, <sip:p2;lr>"]


def parse(sent: tuple[bytes, object, float]) -> Response:
    from telephony.sip.message import parse_message

    message = parse_message(sent[0])
    assert isinstance(message, Response)
    return message


def test_a_retransmitted_invite_starts_no_second_call() -> None:
    network = Network()
    assert statuses(network.receive(invite())) == [100, 200]
    assert statuses(network.receive(invite())) == [200]
    assert len(network.calls) == 1


@pytest.mark.parametrize("flow", [UDP, TCP])
def test_200_is_repeated_until_ack_then_bye(flow: object) -> None:
    network = Network()
    network.receive(invite(), flow)  # type: ignore[arg-type]
    start, before = network.now, len(network.sent)
    messages = network.advance(70)
    assert statuses(messages) == [200] * 10
    assert methods(messages)[0] == "BYE"
    times = [round(when - start, 1) for _, _, when in network.sent[before : before + 11]]
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5, 32.0]
    assert network.listener.heard == ["ended no_ack"]


def test_200_stops_at_the_ack() -> None:
    network = Network()
    answers = network.receive(invite())
    assert statuses(network.advance(1.6)) == [200, 200]
    network.receive(request("ACK", to_tag=last(answers).to.tag))
    assert network.advance(60) == []


def test_cancel_before_the_answer() -> None:
    network = Network(answer=False)
    network.receive(invite())
    answers = network.receive(request("CANCEL"))
    assert statuses(answers) == [200, 487]
    assert last(answers).cseq.method == "INVITE"
    assert answers[0].to.tag == answers[1].to.tag
    assert network.listener.heard == ["ended caller_cancelled"]
    assert statuses(network.advance(1)) == [487]
    network.receive(request("ACK", to_tag=last(answers).to.tag))
    assert network.advance(40) == []
    network.calls[0].answer(network.now, ANSWER)
    assert network.advance(1) == []


def test_cancel_after_the_answer_changes_nothing() -> None:
    network = Network()
    answers = network.receive(invite())
    assert statuses(network.receive(request("CANCEL"))) == [200]
    network.receive(request("ACK", to_tag=last(answers).to.tag))
    assert network.listener.heard == ["acknowledged"]


def test_cancel_of_nothing() -> None:
    assert statuses(Network().receive(request("CANCEL"))) == [481]


def test_bye_before_the_answer() -> None:
    network = Network(answer=False)
    network.receive(invite())
    network.calls[0].ring(network.now)
    tag = network.calls[0].dialog.local_tag
    assert statuses(network.receive(request("BYE", branch="z9hG4bK2", sequence=2, to_tag=tag))) == [487, 200]
    assert network.listener.heard == ["ended caller_hung_up"]


def test_a_request_that_came_two_ways() -> None:
    network = Network(answer=False)
    network.receive(invite())
    assert statuses(network.receive(invite(branch="z9hG4bKother"))) == [482]
    assert len(network.calls) == 1


@pytest.mark.parametrize("method", ["BYE", "INFO", "UPDATE", "PRACK", "NOTIFY", "INVITE"])
def test_strangers_inside_a_dialog(method: str) -> None:
    assert statuses(Network().receive(request(method, to_tag="unknown"))) == [481]


@pytest.mark.parametrize("method", ["BYE", "INFO", "UPDATE", "PRACK", "NOTIFY"])
def test_strangers_outside_a_dialog(method: str) -> None:
    assert statuses(Network().receive(request(method))) == [481]


def test_a_dialog_is_its_three_names() -> None:
    network = Network()
    tag = set_up(network)
    for wrong in ({"from_tag": "x"}, {"call_id": "x"}, {"to_tag": "x"}):
        options = {"to_tag": tag, "branch": f"z9hG4bK{wrong}".replace(" ", "").replace("'", "")[:20]} | wrong
        assert statuses(network.receive(request("BYE", sequence=2, **options))) == [481]  # type: ignore[arg-type]
    assert network.agent.calls


def test_requests_in_the_wrong_order() -> None:
    network = Network()
    tag = set_up(network, sequence=5)
    assert statuses(network.receive(request("INFO", branch="z9hG4bKa", sequence=4, to_tag=tag))) == [500]
    assert statuses(network.receive(request("INFO", branch="z9hG4bKb", sequence=9, to_tag=tag))) == [200]
    assert statuses(network.receive(request("BYE", branch="z9hG4bKc", sequence=9, to_tag=tag))) == [500]


def test_stray_acks_and_responses_are_never_answered() -> None:
    network = Network()
    for message in (
        request("ACK"),
        request("ACK", to_tag="x"),
        request("ACK", Require="x"),
        request("ACK", uri="foo:x"),
    ):
        assert network.receive(message) == []
    assert network.receive(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKx\r\n\r\n") == []
    assert network.receive(b"ACK sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nContent-Length: 999\r\n\r\n") == []


def test_our_bye_goes_by_the_route_set_to_the_contact() -> None:
    network = Network()
    routes = "<sip:first.example.com;lr>, <sip:192.0.2.77;lr>"
    tag = set_up(network, Record_Route=routes, Contact="<sip:far@192.0.2.99:5099>")
    network.calls[0].hang_up(network.now)
    data, flow, _ = network.sent[-1]
    bye = parse_request(data)
    assert bye.uri == "sip:far@192.0.2.99:5099"
    assert bye.headers.getlist("Route") == ["<sip:first.example.com;lr>", "<sip:192.0.2.77;lr>"]
    assert flow.remote == ("first.example.com", 5060)
    assert bye.from_.tag == tag
    assert bye.to.tag == "peer"
    assert network.listener.heard[-1] == "ended we_hung_up"


def parse_request(data: bytes) -> Request:
    from telephony.sip.message import parse_message

    message = parse_message(data)
    assert isinstance(message, Request)
    return message


def test_a_strict_router_gets_itself_in_the_request_uri() -> None:
    network = Network()
    set_up(network, Record_Route="<sip:strict.example.com>, <sip:192.0.2.77;lr>", Contact="<sip:far@192.0.2.99>")
    network.calls[0].hang_up(network.now)
    bye = parse_request(network.sent[-1][0])
    assert bye.uri == "sip:strict.example.com"
    assert bye.headers.getlist("Route") == ["<sip:192.0.2.77;lr>", "<sip:far@192.0.2.99>"]


def test_behind_a_nat_our_bye_goes_back_where_the_call_came_from() -> None:
    network = Network()
    set_up(network, Via="SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bK1;rport", Contact="<sip:a@10.0.0.5>")
    network.calls[0].hang_up(network.now)
    assert network.sent[-1][1].remote == UDP.remote
    assert parse_request(network.sent[-1][0]).uri == "sip:a@10.0.0.5"


def test_bye_without_an_answer_is_sent_again_then_forgotten() -> None:
    network = Network()
    set_up(network)
    network.calls[0].hang_up(network.now)
    assert methods(network.advance(40)) == ["BYE"] * 10
    assert len(network.agent.transactions) == 0


def test_hold_and_resume_by_reinvite() -> None:
    network = Network()
    tag = set_up(network)
    held = OFFER + b"a=sendonly\r\n"
    again = request("INVITE", branch="z9hG4bK5", sequence=2, to_tag=tag, body=held, Contact="<sip:new@192.0.2.50>")
    answers = network.receive(again)
    assert statuses(answers) == [200]
    assert network.listener.offers == [held]
    assert statuses(network.advance(0.6)) == [200]
    network.receive(request("ACK", branch="z9hG4bK6", sequence=2, to_tag=tag))
    assert network.advance(60) == []
    network.calls[0].hang_up(network.now)
    assert parse_request(network.sent[-1][0]).uri == "sip:new@192.0.2.50"


def test_reinvite_that_cannot_be_met_leaves_the_call_alone() -> None:
    network = Network()
    tag = set_up(network)
    network.listener.meets_offers = False
    answers = network.receive(request("INVITE", branch="z9hG4bK5", sequence=2, to_tag=tag, body=OFFER))
    assert statuses(answers) == [488]
    assert network.agent.calls


def test_reinvite_while_the_first_is_open() -> None:
    network = Network(answer=False)
    network.receive(invite())
    tag = network.calls[0].dialog.local_tag
    answer = last(network.receive(request("INVITE", branch="z9hG4bK5", sequence=2, to_tag=tag, body=OFFER)))
    assert answer.status == 500
    assert answer.headers.get("Retry-After")


def test_update_with_and_without_an_offer() -> None:
    network = Network()
    tag = set_up(network)
    answers = network.receive(request("UPDATE", branch="z9hG4bK5", sequence=2, to_tag=tag, body=OFFER))
    assert (statuses(answers), last(answers).body) == ([200], ANSWER)
    answers = network.receive(request("UPDATE", branch="z9hG4bK6", sequence=3, to_tag=tag))
    assert (statuses(answers), last(answers).body) == ([200], b"")


def test_a_late_offer() -> None:
    network = Network()
    ok = last(network.receive(invite(body=b"")))
    assert ok.body == ANSWER
    network.receive(request("ACK", branch="z9hG4bK2", to_tag=ok.to.tag, body=OFFER))
    assert network.listener.heard == ["answer", "acknowledged"]


def test_a_late_offer_that_nobody_answers() -> None:
    network = Network()
    ok = last(network.receive(invite(body=b"")))
    network.receive(request("ACK", branch="z9hG4bK2", to_tag=ok.to.tag))
    assert methods([parse_request(network.sent[-1][0])]) == ["BYE"]
    assert network.listener.heard == ["ended failed"]


def test_reinvite_without_a_description_gets_our_offer() -> None:
    network = Network()
    tag = set_up(network)
    ok = last(network.receive(request("INVITE", branch="z9hG4bK5", sequence=2, to_tag=tag)))
    assert ok.body == ANSWER
    network.receive(request("ACK", branch="z9hG4bK6", sequence=2, to_tag=tag, body=OFFER))
    assert network.listener.heard == ["acknowledged", "answer"]
    assert network.agent.calls


def test_reliable_ringing_is_repeated_until_prack() -> None:
    network = Network(answer=False)
    network.receive(invite(Require="100rel"))
    network.calls[0].ring(network.now)
    ringing = parse(network.sent[-1])
    assert ringing.headers.get("Require") == "100rel"
    assert ringing.headers.get("RSeq") == "1"
    assert statuses(network.advance(1.6)) == [180, 180]
    tag = ringing.to.tag
    wrong = request("PRACK", branch="z9hG4bK8", sequence=2, to_tag=tag, RAck="7 1 INVITE")
    assert statuses(network.receive(wrong)) == [481]
    prack = request("PRACK", branch="z9hG4bK9", sequence=3, to_tag=tag, RAck="1 1 INVITE")
    assert statuses(network.receive(prack)) == [200]
    assert network.advance(40) == []


def test_reliable_ringing_that_nobody_acknowledges() -> None:
    network = Network(answer=False)
    network.receive(invite(Require="100rel"))
    network.calls[0].ring(network.now)
    assert statuses(network.advance(40))[:8] == [180] * 6 + [504] * 2


def test_keys_by_info() -> None:
    network = Network()
    tag = set_up(network)
    bodies = [
        ("application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n", 200),
        ("application/dtmf-relay", b"Signal= *\nDuration= 100\n", 200),
        ("application/dtmf", b"#\r\n", 200),
        ("application/dtmf-relay", b"Signal=11\r\n", 200),
        ("application/dtmf-relay", b"Duration=1\r\n", 400),
        ("application/xml", b"<x/>", 415),
    ]
    for sequence, (kind, body, status) in enumerate(bodies, 2):
        info = request(
            "INFO", branch=f"z9hG4bKi{sequence}", sequence=sequence, to_tag=tag, body=body, Content_Type=kind
        )
        assert statuses(network.receive(info)) == [status]
    assert network.listener.heard == ["acknowledged", "digit 5", "digit *", "digit #", "digit #"]


def test_other_requests_inside_a_dialog() -> None:
    network = Network()
    tag = set_up(network)
    expected = [("OPTIONS", {}, 200), ("MESSAGE", {}, 405), ("REFER", {}, 405), ("NOTIFY", {"Event": "presence"}, 489)]
    expected += [("NOTIFY", {"Event": "refer"}, 481), ("INFO", {"Info_Package": "x"}, 469), ("FOO", {}, 501)]
    expected += [("OPTIONS", {"Require": "x"}, 420)]
    for sequence, (method, headers, status) in enumerate(expected, 2):
        asked = request(method, branch=f"z9hG4bK{sequence}", sequence=sequence, to_tag=tag, **headers)
        assert statuses(network.receive(asked)) == [status]
    assert network.agent.calls
