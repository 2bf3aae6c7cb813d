"""URIs, addresses, Via and their parameters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.address import parse_address, parse_addresses
from telephony.sip.parameters import parse_parameters, quote, unquote
from telephony.sip.uri import parse_uri
from telephony.sip.via import parse_via, parse_vias, stamp_received


@pytest.mark.parametrize(
    ("text", "scheme", "user", "address"),
    [
        ("sip:12345@example.com", "sip", "12345", ("example.com", 5060)),
        ("SIP:12345@Example.COM:5070;transport=tcp", "sip", "12345", ("example.com", 5070)),
        ("sips:a%40b@[::1]", "sips", "a@b", ("::1", 5061)),
        ("sip:my_pbx", "sip", "", ("my_pbx", 5060)),
        ("sip:+86-10;phone-context=x@gw:5080;user=phone", "sip", "+86-10;phone-context=x", ("gw", 5080)),
        ("sip:a:secret@b;maddr=192.0.2.7", "sip", "a", ("192.0.2.7", 5060)),
        ("tel:+86-(539)-12345;ext=1", "tel", "+8653912345", ("", 5060)),
        ("isbn:2983792873", "isbn", "", ("", 5060)),
    ],
)
def test_uri(text: str, scheme: str, user: str, address: tuple[str, int]) -> None:
    uri = parse_uri(text)
    assert (uri.scheme, uri.user, uri.address) == (scheme, user, address)
    assert str(uri) == text


@pytest.mark.parametrize("text", ["", "sip:", "12345", "sip:a b@c", "<sip:a@b>", "sip:a@b:99999", "sip:a@b:0", "tel:x"])
def test_no_uri(text: str) -> None:
    with pytest.raises(ValueError, match=r"URI|valid"):
        parse_uri(text)


@pytest.mark.parametrize(
    ("text", "name", "uri", "tag"),
    [
        ("sip:a@b;tag=1", "", "sip:a@b", "1"),
        ("<sip:a@b;tag=no>;tag=yes", "", "sip:a@b;tag=no", "yes"),
        ('"a \\"b\\", <c>" <sip:a@b> ; TAG = z', 'a "b", <c>', "sip:a@b", "z"),
        ("张三 <sip:a@b>", "张三", "sip:a@b", ""),
        ("caller<sip:a@b>;tag=1;self=2", "caller", "sip:a@b", "1"),
        ("tel:12345", "", "tel:12345", ""),
    ],
)
def test_address(text: str, name: str, uri: str, tag: str) -> None:
    address = parse_address(text)
    assert (address.name, address.uri.text, address.tag) == (name, uri, tag)


@pytest.mark.parametrize(
    "text", ["", '"open <sip:a@b>', "Bell, A <sip:a@b>", "<sip:a@b>;;", "<sip:a@b", "sip:a@b, sip:c@d", "<sip:a@b>;,"]
)
def test_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="valid"):
        parse_address(text)


def test_lists_split_at_commas_outside_quotes_and_brackets() -> None:
    values = ['"a, b" <sip:a,2@b;x=1>, <sip:c@d>', "sip:e@f"]
    assert [address.uri.text for address in parse_addresses(values)] == ["sip:a,2@b;x=1", "sip:c@d", "sip:e@f"]


def test_via_with_spaces_and_many_in_one_line() -> None:
    vias = parse_vias(
        ["SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=192.0.2.1 ;branch=z9hG4bKa.1, SIP/2.0/TCP [::1]"]
    )
    assert [(via.transport, via.host, via.port, via.branch) for via in vias] == [
        ("UDP", "first.example.com", 4000, "z9hG4bKa.1"),
        ("TCP", "[::1]", None, ""),
    ]


def test_branch_keeps_every_octet() -> None:
    assert parse_via("SIP/2.0/UDP a;branch=z9hG4bK-.!%66*_+`'~").branch == "z9hG4bK-.!%66*_+`'~"


@pytest.mark.parametrize(
    ("value", "stamped"),
    [
        ("SIP/2.0/UDP 10.0.0.1;branch=b;rport", "SIP/2.0/UDP 10.0.0.1;branch=b;received=192.0.2.9;rport=777"),
        ("SIP/2.0/UDP 10.0.0.1;rport=1;branch=b", "SIP/2.0/UDP 10.0.0.1;branch=b;received=192.0.2.9;rport=777"),
        ("SIP/2.0/UDP 10.0.0.1;branch=b", "SIP/2.0/UDP 10.0.0.1;branch=b;received=192.0.2.9"),
        ("SIP/2.0/UDP 192.0.2.9;branch=b", "SIP/2.0/UDP 192.0.2.9;branch=b"),
        (
            "SIP/2.0/UDP h;received=6.6.6.6;branch=b, SIP/2.0/UDP i",
            "SIP/2.0/UDP h;branch=b;received=192.0.2.9, SIP/2.0/UDP i",
        ),
        ("nonsense", "nonsense;received=192.0.2.9"),
    ],
)
def test_via_says_where_the_request_came_from(value: str, stamped: str) -> None:
    assert stamp_received(value, "192.0.2.9", 777) == stamped


@given(st.text(max_size=80))
def test_quoting_is_undone_by_unquoting(text: str) -> None:
    assert unquote(quote(text)) == text
    assert parse_parameters(f";x={quote(text)}") == {"x": text}


@given(st.text(st.sampled_from(list('abc;=,<>"\\ \t@:/[]sip.*%')), max_size=60))
def test_any_text_is_a_value_or_a_value_error(text: str) -> None:
    for parse in (parse_uri, parse_address, parse_via, parse_parameters):
        try:
            parse(text)
        except ValueError:
            continue


@pytest.mark.parametrize("piece", [";", ";a=", '"', "\\", "<", " ", ";a=b", ",", "a"])
def test_long_repetitions_are_read_in_linear_time(piece: str) -> None:
    for parse in (parse_address, parse_via, parse_parameters, parse_uri):
        try:
            parse(f"sip:a@b{piece * 5000}")
        except ValueError:
            continue
