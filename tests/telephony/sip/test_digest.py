"""Digest against the examples of the RFCs, and our client against our server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.digest import DigestClient, DigestServer, digest_response, parse_digest
from telephony.sip.response import respond
from tests.telephony.sip.harness import request

NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
QOP = {"qop": "auth", "nc": "00000001", "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"}


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_rfc_7616_section_3_9_1(algorithm: str, expected: str) -> None:
    args = ("Mufasa", "http-auth@example.org", "Circle of Life", "GET", "/dir/index.html", NONCE)
    assert digest_response(algorithm, *args, **QOP) == expected


def test_without_qop_as_in_rfc_2069() -> None:
    args = ("Mufasa", "testrealm@host.com", "Circle Of Life", "GET", "/dir/index.html")
    nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093"
    assert digest_response("MD5", *args, nonce) == "670fd8c2df070c60b045671b8b24ff02"


def test_commas_and_escapes_inside_quotes() -> None:
    parsed = parse_digest('DIGEST Realm="a, \\"b\\"" ,nonce=abc, qop="auth,auth-int",algorithm=MD5')
    assert parsed == {"realm": 'a, "b"', "nonce": "abc", "qop": "auth,auth-int", "algorithm": "MD5"}


@pytest.mark.parametrize("value", ["", "Basic abc", "Digest", "Digest realm", 'Digest realm="open', "Digest ;;"])
def test_what_is_no_digest(value: str) -> None:
    with pytest.raises(ValueError, match="Digest"):
        parse_digest(value)


@given(st.text(max_size=60))
def test_any_text_is_parameters_or_a_value_error(text: str) -> None:
    try:
        assert parse_digest(f"Digest {text}")
    except ValueError:
        return


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1, max_size=20), st.text(max_size=20))
def test_our_client_is_admitted_by_our_server(username: str, password: str) -> None:
    server = DigestServer("hotline", b"secret")
    challenge = respond(request("INVITE"), 401)
    challenge.headers.setlist("WWW-Authenticate", server.challenges(50.0))
    again = request("INVITE")
    assert DigestClient(username, password, lambda: "c").authorize(again, challenge)
    assert not server.verified(again, {username: password + "x"}, 51.0)
    assert server.verified(again, {username: password}, 51.0)
    assert not server.verified(again, {username: password}, 51.0)


def test_the_count_goes_up_with_each_use_of_a_nonce() -> None:
    client = DigestClient("u", "p", lambda: "c")
    challenge = respond(request("INVITE"), 401)
    challenge.headers.set("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')
    seen = []
    for _ in range(2):
        asked = request("INVITE")
        client.authorize(asked, challenge)
        seen.append(parse_digest(asked.header("Authorization"))["nc"])
    assert seen == ["00000001", "00000002"]


def test_the_strongest_challenge_is_answered_and_unknown_ones_are_left() -> None:
    challenge = respond(request("INVITE"), 401)
    values = ['Digest realm="r", nonce="a", algorithm=MD5', 'Digest realm="r", nonce="b", algorithm=SHA-256', "Basic x"]
    challenge.headers.setlist("WWW-Authenticate", values)
    asked = request("INVITE")
    assert DigestClient("u", "p", lambda: "c").authorize(asked, challenge)
    assert parse_digest(asked.header("Authorization"))["nonce"] == "b"
    challenge.headers.setlist("WWW-Authenticate", ['Digest realm="r", nonce="a", algorithm=AKAv1-MD5'])
    assert not DigestClient("u", "p", lambda: "c").authorize(asked, challenge)
