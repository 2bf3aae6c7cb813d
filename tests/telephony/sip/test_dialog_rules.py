"""Rules of a dialog that only unusual peers put to the test."""

from __future__ import annotations

import pytest

from telephony.sip.flow import Flow, Transport
from telephony.sip.message import Message, Request, Response, parse_message
from telephony.sip.response import respond
from tests.telephony.sip.harness import (
    HOME,
    OFFER,
    PEER,
    TCP,
    UDP,
    Network,
    invite,
    methods,
    request,
    statuses,
)


def answered(network: Network, **headers: str) -> str:
    ok = network.receive(invite(**headers))[-1]
    assert isinstance(ok, Response)
    return ok.to.tag


def acknowledge(network: Network, tag: str, **options: object) -> list[Message]:
    return network.receive(request("ACK", branch="z9hG4bKack", to_tag=tag, **options))  # type: ignore[arg-type]


def last(network: Network) -> Request:
    message = parse_message(network.sent[-1][0])
    assert isinstance(message, Request)
    return message


# -- BYE waits for the ACK (RFC 3261 section 15) --------------------------------------------------------------------


def test_our_bye_waits_for_the_ack() -> None:
    network = Network()
    tag = answered(network)
    network.calls[0].hang_up(network.now)
    assert network.listener.heard == []
    assert methods(network.advance(2)) == []
    assert methods(acknowledge(network, tag)) == ["BYE"]
    assert network.listener.heard == ["ended we_hung_up"]


def test_without_an_ack_our_bye_goes_out_in_the_end() -> None:
    network = Network()
    answered(network)
    network.calls[0].hang_up(network.now)
    assert methods(network.advance(33))[:1] == ["BYE"]
    assert network.listener.heard == ["ended no_ack"]


def test_at_the_end_of_the_service_nothing_is_waited_for() -> None:
    network = Network()
    answered(network)
    network.calls[0].hang_up(network.now, at_once=True)
    assert last(network).method == "BYE"


def test_the_callers_own_bye_before_its_ack_ends_the_call() -> None:
    network = Network()
    tag = answered(network)
    bye = request("BYE", branch="z9hG4bKbye", sequence=2, to_tag=tag)
    assert statuses(network.receive(bye)) == [200]
    assert network.listener.heard == ["ended caller_hung_up"]
    assert statuses(network.advance(40)) == [], "the 200 to INVITE is not repeated for a call that is over"


# -- offers that cross (RFC 3261 section 14) ------------------------------------------------------------------------


def test_a_new_offer_while_ours_is_unanswered_is_491() -> None:
    network = Network()
    tag = answered(network, body=b"")
    again = invite(branch="z9hG4bK2", sequence=2, to_tag=tag)
    assert statuses(network.receive(again)) == [491]
    update = request("UPDATE", branch="z9hG4bK3", sequence=3, to_tag=tag, body=OFFER)
    assert statuses(network.receive(update)) == [491]
    acknowledge(network, tag, body=OFFER)
    assert network.listener.heard == ["answer", "acknowledged"]
    assert statuses(network.receive(invite(branch="z9hG4bK4", sequence=4, to_tag=tag))) == [200]


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_body_that_is_no_description_leaves_the_call_as_it_is(method: str) -> None:
    network = Network()
    tag = answered(network)
    acknowledge(network, tag)
    foreign = request(method, branch="z9hG4bK2", sequence=2, to_tag=tag, body=b"<x/>", Content_Type="application/xml")
    (response,) = network.receive(foreign)
    assert isinstance(response, Response)
    assert response.status == 415
    assert "application/sdp" in response.header("Accept")
    assert network.agent.calls


def test_a_method_nobody_knows_is_501_inside_a_call_too() -> None:
    network = Network()
    tag = answered(network)
    (response,) = network.receive(request("FOO", branch="z9hG4bK2", sequence=2, to_tag=tag))
    assert (statuses([response]), "INVITE" in response.header("Allow")) == ([501], True)


# -- reliable ringing (RFC 3262) ------------------------------------------------------------------------------------


def test_a_prack_that_crosses_our_200_is_answered() -> None:
    network = Network(answer=False)
    network.receive(invite(Require="100rel"))
    call = network.calls[0]
    call.ring(network.now)
    call.answer(network.now, OFFER)
    prack = request("PRACK", branch="z9hG4bK9", sequence=2, to_tag=call.dialog.local_tag, RAck="1 1 INVITE")
    assert statuses(network.receive(prack)) == [200]
    again = request("PRACK", branch="z9hG4bK10", sequence=3, to_tag=call.dialog.local_tag, RAck="1 1 INVITE")
    assert statuses(network.receive(again)) == [481], "it is acknowledged already"


def test_no_reliable_ringing_without_an_offer_to_put_into_it() -> None:
    network = Network(answer=False)
    network.receive(invite(Require="100rel", body=b""))
    before = len(network.sent)
    network.calls[0].ring(network.now)
    assert len(network.sent) == before
    network.calls[0].answer(network.now, OFFER)
    assert statuses([parse_message(network.sent[-1][0])]) == [200]


# -- Expires of an INVITE (RFC 3261 section 13.3.1) -----------------------------------------------------------------


def test_an_invitation_expires() -> None:
    network = Network(answer=False)
    network.receive(invite(Expires="10"))
    network.calls[0].ring(network.now)
    assert network.advance(9.9) == []
    assert statuses(network.advance(0.2)) == [487]
    assert network.listener.heard == ["ended caller_cancelled"]


@pytest.mark.parametrize("value", ["10", "a while", "99999999999999"])
def test_an_answered_invitation_does_not(value: str) -> None:
    network = Network()
    tag = answered(network, Expires=value)
    acknowledge(network, tag)
    assert network.advance(60) == []
    assert network.agent.calls


# -- our refreshes (RFC 4028) ---------------------------------------------------------------------------------------


def refreshing(network: Network, seconds: int = 200, allow: str = "INVITE, UPDATE") -> None:
    asked = {"Session_Expires": f"{seconds};refresher=uas", "Supported": "timer", "Allow": allow}
    acknowledge(network, answered(network, **asked))
    network.advance(seconds / 2 + 0.4)


def refuse(network: Network, status: int, **headers: str) -> None:
    response = respond(last(network), status)
    for name, value in headers.items():
        response.headers.set(name.replace("_", "-"), value)
    network.receive(response)


def test_a_refresh_that_crosses_the_peers_own_is_sent_again() -> None:
    network = Network()
    refreshing(network)
    refuse(network, 491)
    assert methods(network.advance(2))[:1] == ["UPDATE"]
    refuse(network, 200, Session_Expires="200;refresher=uac")
    network.advance(80)
    assert network.agent.calls


def test_a_refresh_that_is_refused_to_the_end_ends_the_call() -> None:
    network = Network()
    refreshing(network)
    for _ in range(120):
        if last(network).method == "BYE":
            break
        refuse(network, 491)
        network.advance(1.01)
    assert last(network).method == "BYE"
    assert network.listener.heard[-1] == "ended timer"


def test_an_interval_that_the_peer_finds_too_short_is_lengthened() -> None:
    network = Network()
    refreshing(network)
    refuse(network, 422, Min_SE="600")
    network.advance(0.1)
    assert last(network).header("Session-Expires") == "600;refresher=uac"
    assert last(network).header("Min-SE") == "600"
    refuse(network, 200, Session_Expires="600;refresher=uac")
    assert methods(network.advance(290)) == []
    assert methods(network.advance(20))[:1] == ["UPDATE"]


def test_the_peer_may_take_the_refreshing_over() -> None:
    network = Network()
    refreshing(network)
    refuse(network, 200, Session_Expires="120;refresher=uas")
    assert methods(network.advance(80)) == [], "the peer refreshes now"
    assert methods(network.advance(20))[:1] == ["BYE"]


def test_where_update_is_not_let_through_the_refresh_is_a_reinvite() -> None:
    network = Network()
    refreshing(network)
    assert last(network).method == "UPDATE"
    refuse(network, 405)
    network.advance(0.1)
    assert last(network).method == "INVITE"


# -- where responses go ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("via", "port"),
    [
        ("192.0.2.10:5060;rport", 40000),
        ("192.0.2.10:7000", 7000),
        ("192.0.2.10", 40000),
        ("10.0.0.9:7000", 40000),
        ("pbx.example:7000", 40000),
        ("192.0.2.10:0", 40000),
        ("192.0.2.10:99999", 40000),
    ],
)
def test_responses_go_to_the_source_unless_the_peer_listens_elsewhere(via: str, port: int) -> None:
    network = Network()
    flow = UDP.towards((PEER[0], 40000), "UDP")
    network.receive(request("OPTIONS", Via=f"SIP/2.0/UDP {via};branch=z9hG4bK1"), flow)
    assert network.sent[-1][1].remote == (PEER[0], port)


def test_over_a_stream_they_go_back_the_way_the_request_came() -> None:
    network = Network()
    network.receive(request("OPTIONS", Via="SIP/2.0/TCP 192.0.2.10:7000;branch=z9hG4bK1"), TCP)
    assert network.sent[-1][1] == TCP
    assert HOME != PEER


@pytest.mark.parametrize(
    ("uri", "transport", "contact"),
    [
        ("sips:12345@192.0.2.1", "TLS", "<sips:12345@192.0.2.1:5060>"),
        ("sip:12345@192.0.2.1", "TLS", "<sip:12345@192.0.2.1:5060;transport=tls>"),
        ("sips:12345@192.0.2.1", "UDP", "<sip:12345@192.0.2.1:5060>"),
    ],
)
def test_a_caller_who_asked_for_sips_gets_a_sips_contact(uri: str, transport: Transport, contact: str) -> None:
    network = Network()
    flow = Flow(transport, PEER, HOME, 1 if transport == "TLS" else 0)
    via = f"SIP/2.0/{transport} 192.0.2.10:5060;branch=z9hG4bK1"
    answer = network.receive(invite(uri=uri, Via=via), flow)[-1]
    assert answer.header("Contact") == contact


# -- too large ------------------------------------------------------------------------------------------------------


def test_a_stream_that_announces_too_much_is_513_and_a_datagram_cut_short_400() -> None:
    network = Network()
    long = request("INVITE", Content_Length="900000")
    assert statuses(network.receive(long, TCP)) == [513]
    assert statuses(network.receive(long, UDP)) == [400]


def test_a_description_too_large_is_413() -> None:
    network = Network()
    assert statuses(network.receive(invite(body=OFFER + b"a=x:" + b"y" * 20000))) == [413]
