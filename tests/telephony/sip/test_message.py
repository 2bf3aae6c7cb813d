"""Reading and writing messages."""

from __future__ import annotations

import pytest
import sipmessage
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.sip.message import LARGEST_MESSAGE, Request, Response, parse_message
from telephony.sip.well_formed import answerable, ignorable, refusal_of
from tests.telephony.sip.harness import Network, invite, request

ODD = b"""\r
\r
INVITE sip:12345@example.com SIP/2.0\r
v:SIP/2.0/UDP 192.0.2.9:5062 ;branch=z9hG4bKa , SIP / 2.0 / TCP proxy.example.com;branch=z9hG4bKb\r
f : =?\xe5\xbc\xa0\xe4\xb8\x89 <sip:+86138@example.com>;TAG=x\r
t: tel:12345\r
I: one@two\r
cSEQ: 007\r
  INVITE\r
m: <sip:138@[2001:db8::9]:5062;transport=TCP>\r
Subject:\r
l: 4\r
\r
v=0\nand more"""


def test_spelling_of_real_peers_is_understood() -> None:
    message = parse_message(ODD)
    assert isinstance(message, Request)
    assert refusal_of(message) is None
    assert [via.host for via in message.vias] == ["192.0.2.9", "proxy.example.com"]
    assert message.from_.tag == "x"
    assert message.from_.name == "=?张三"
    assert message.to.uri.user == "12345"
    assert (message.cseq.sequence, message.cseq.method) == (7, "INVITE")
    assert message.contacts[0].uri.address == ("2001:db8::9", 5062)
    assert message.contacts[0].uri.transport == "TCP"
    assert message.headers.get("Subject") == ""
    assert message.body == b"v=0\n"


def test_line_feeds_alone_end_lines() -> None:
    head, end, body = bytes(invite()).partition(b"\r\n\r\n")
    message = parse_message((head + end).replace(b"\r\n", b"\n") + body)
    assert isinstance(message, Request)
    assert refusal_of(message) is None
    assert message.body == body


def test_octets_that_are_not_utf8_come_back_unchanged() -> None:
    octets = bytes(request("OPTIONS")).replace(b"Max-Forwards: 70", b"Subject: \xd5\xc5\xc8\xfd")
    assert b"Subject: \xd5\xc5\xc8\xfd\r\n" in bytes(parse_message(octets))


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\r\n\r\n",
        b"\0" * 100,
        b"hello",
        b"INVITE\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"SIP/2.0 200\0 OK\r\n\r\n",
        b"SIP/2.0 99999999999 OK\r\n\r\n",
        b"INVITE sip:a SIP/2.0\r\n" + b"a: b\r\n" * 5000 + b"\r\n",
        b"INVITE sip:a SIP/2.0\r\na: " + b"b" * 20000 + b"\r\n\r\n",
        b"x" * (LARGEST_MESSAGE + 1),
    ],
)
def test_what_is_no_message_is_left_without_an_answer(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"[Mm]essage|Status"):
        parse_message(octets)
    assert Network().receive(octets) == []


@given(st.binary(max_size=600))
def test_any_octets_are_a_message_or_a_value_error(octets: bytes) -> None:
    try:
        message = parse_message(octets)
    except ValueError:
        return
    assert isinstance(message, Request | Response)


TEMPLATE = bytes(invite(Route="<sip:a;lr>, <sip:b>", Date="now", Timestamp="1.5", Session_Expires="1800;refresher=uas"))


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """A valid INVITE with a few runs of octets replaced, doubled or taken out."""
    octets = TEMPLATE
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(octets)))
        length = draw(st.integers(0, 12))
        piece = draw(
            st.one_of(
                st.binary(max_size=8),
                st.sampled_from([b"\r\n", b'"', b"<", b";", b",", b" ", b"\0", b"\xff", b";self=1", b"z9hG4bK"]),
            )
        )
        octets = octets[:at] + piece + octets[at + length :]
    return octets


@settings(max_examples=400)
@given(spoiled())
def test_a_spoiled_request_is_refused_or_served_but_never_fails(octets: bytes) -> None:
    network = Network()
    for answer in network.receive(octets):
        assert isinstance(answer, Response)
    try:
        message = parse_message(octets)
    except ValueError:
        return
    if isinstance(message, Request):
        refusal = refusal_of(message)
        assert refusal is None or 400 <= refusal[0] < 600
        assert isinstance(answerable(message), bool)
    else:
        assert isinstance(ignorable(message), bool)


@given(st.sampled_from(["INVITE", "OPTIONS", "BYE", "MESSAGE", "SUBSCRIBE", "FOO"]), st.text("abc123", min_size=1))
def test_every_answer_is_read_by_the_strict_parser_of_sipmessage(method: str, user: str) -> None:
    network = Network()
    network.receive(request(method, uri=f"sip:{user}@192.0.2.1"))
    assert network.sent
    for data, _, _ in network.sent:
        message = sipmessage.Message.parse(data)
        assert isinstance(message, sipmessage.Response)
        assert message.cseq.method == method
        assert message.via[0].parameters["rport"] == "5060"
        assert message.content_length == len(message.body)
