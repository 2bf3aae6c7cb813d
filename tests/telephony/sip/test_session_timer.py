"""Session timers and transfers inside a call (RFC 4028, RFC 3515)."""

from __future__ import annotations

import pytest

from telephony.sip.digest import DigestClient
from telephony.sip.message import Message, Request, Response, parse_message
from telephony.sip.response import respond
from tests.telephony.sip.harness import OFFER, Network, invite, methods, request, statuses


def in_call(network: Network, **headers: str) -> tuple[str, Response]:
    ok = network.receive(invite(**headers))[-1]
    assert isinstance(ok, Response)
    network.receive(request("ACK", branch="z9hG4bKack", to_tag=ok.to.tag))
    return ok.to.tag, ok


def asked(network: Network) -> Request:
    message = parse_message(network.sent[-1][0])
    assert isinstance(message, Request)
    return message


def answer(network: Network, status: int, **headers: str) -> list[Message]:
    response = respond(asked(network), status)
    for name, value in headers.items():
        response.headers.set(name.replace("_", "-"), value)
    return network.receive(response)


TIMER = {"Supported": "timer"}


def test_without_a_wish_there_is_no_timer() -> None:
    network = Network()
    _, ok = in_call(network, **TIMER)
    assert ok.headers.get("Session-Expires") is None
    assert network.advance(10000) == []


def test_the_caller_refreshes_or_the_call_ends() -> None:
    network = Network()
    tag, ok = in_call(network, Session_Expires="120", **TIMER)
    assert ok.headers.get("Session-Expires") == "120;refresher=uac"
    assert ok.headers.get("Require") == "timer"
    network.advance(80)
    headers = {"Session_Expires": "120;refresher=uac", **TIMER}
    network.receive(request("UPDATE", branch="z9hG4bKu", sequence=2, to_tag=tag, **headers))
    assert network.advance(80) == []
    assert methods(network.advance(20))[:1] == ["BYE"]
    assert network.listener.heard[-1] == "ended timer"


def test_we_refresh_by_update() -> None:
    network = Network()
    _, ok = in_call(network, Session_Expires="200;refresher=uas", Allow="INVITE, UPDATE", **TIMER)
    assert ok.headers.get("Session-Expires") == "200;refresher=uas"
    assert methods(network.advance(101))[:1] == ["UPDATE"]
    assert asked(network).header("Session-Expires") == "200;refresher=uac"
    answer(network, 200, Session_Expires="200;refresher=uac")
    assert network.advance(95) == []
    assert methods(network.advance(8))[:1] == ["UPDATE"]


def test_we_refresh_by_reinvite_where_update_is_unknown() -> None:
    network = Network()
    in_call(network, Session_Expires="200;refresher=uas", Allow="INVITE", **TIMER)
    network.advance(100.4)
    invite_again = asked(network)
    assert invite_again.method == "INVITE"
    assert invite_again.body.startswith(b"v=0")
    response = respond(invite_again, 200)
    response.body = OFFER
    network.receive(response)
    assert asked(network).method == "ACK"
    assert asked(network).cseq.sequence == invite_again.cseq.sequence
    assert network.listener.heard[-1] == "answer"


@pytest.mark.parametrize("status", [408, 481])
def test_a_refresh_that_finds_nobody_ends_the_call(status: int) -> None:
    network = Network()
    in_call(network, Session_Expires="200;refresher=uas", Allow="UPDATE", **TIMER)
    network.advance(100.4)
    answer(network, status)
    assert asked(network).method == "BYE"
    assert network.listener.heard[-1] == "ended timer"


def test_an_interval_that_a_proxy_put_in_is_ours_to_refresh() -> None:
    network = Network()
    _, ok = in_call(network, Session_Expires="200", Allow="UPDATE")
    assert ok.headers.get("Session-Expires") == "200;refresher=uas"
    assert ok.headers.get("Require") is None
    assert methods(network.advance(101))[:1] == ["UPDATE"]


def test_a_refresh_without_an_interval_ends_the_timer() -> None:
    network = Network()
    tag, _ = in_call(network, Session_Expires="120", **TIMER)
    network.receive(request("UPDATE", branch="z9hG4bKu", sequence=2, to_tag=tag))
    assert network.advance(1000) == []


def test_a_challenge_to_our_refer_is_answered_once() -> None:
    network = Network()
    in_call(network)
    network.calls[0].digest = DigestClient("6001", "secret", lambda: "c")
    done = refer(network)
    first = asked(network)
    answer(network, 401, WWW_Authenticate='Digest realm="pbx", nonce="n", qop="auth"')
    again = asked(network)
    assert again.method == "REFER"
    assert again.cseq.sequence == first.cseq.sequence + 1
    assert again.headers.get("Authorization")
    answer(network, 401, WWW_Authenticate='Digest realm="pbx", nonce="m", qop="auth"')
    assert done == [False]


def refer(network: Network) -> list[bool]:
    done: list[bool] = []
    network.calls[0].refer("sip:person@192.0.2.60", network.now, done.append)
    return done


def notify(tag: str, sequence: int, body: bytes) -> Request:
    headers = {"Event": "refer", "Content_Type": "message/sipfrag;version=2.0", "Subscription_State": "active"}
    return request("NOTIFY", branch=f"z9hG4bKn{sequence}", sequence=sequence, to_tag=tag, body=body, **headers)


def test_a_transfer_that_is_taken() -> None:
    network = Network()
    tag, _ = in_call(network)
    done = refer(network)
    assert asked(network).header("Refer-To") == "<sip:person@192.0.2.60>"
    assert asked(network).headers.get("Referred-By")
    answer(network, 202)
    assert statuses(network.receive(notify(tag, 2, b"SIP/2.0 180 Ringing\r\n"))) == [200]
    assert done == []
    network.receive(notify(tag, 3, b"SIP/2.0 200 OK\r\n"))
    assert done == [True]


def test_a_transfer_that_nobody_answers_gives_the_caller_back() -> None:
    network = Network()
    tag, _ = in_call(network)
    done = refer(network)
    answer(network, 202)
    network.receive(notify(tag, 2, b"SIP/2.0 486 Busy Here\r\n"))
    assert done == [False]
    assert network.agent.calls
    again = refer(network)
    answer(network, 202)
    network.advance(61)
    assert again == [False]


@pytest.mark.parametrize("status", [405, 603, 481])
def test_a_transfer_that_is_refused(status: int) -> None:
    network = Network()
    in_call(network)
    done = refer(network)
    answer(network, status)
    assert done == [False]


def test_a_peer_that_hangs_up_after_202_has_taken_the_call() -> None:
    network = Network()
    tag, _ = in_call(network)
    done = refer(network)
    answer(network, 202)
    network.receive(request("BYE", branch="z9hG4bKbye", sequence=2, to_tag=tag))
    assert done == [True]
    assert network.listener.heard[-1] == "ended transferred"


def test_a_caller_who_hangs_up_before_the_transfer_is_accepted() -> None:
    network = Network()
    tag, _ = in_call(network)
    done = refer(network)
    network.receive(request("BYE", branch="z9hG4bKbye", sequence=2, to_tag=tag))
    assert done == [False]
    assert network.listener.heard[-1] == "ended caller_hung_up"
