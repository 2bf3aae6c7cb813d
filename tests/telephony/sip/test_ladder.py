"""The ladder shows who said what when, and no number, name or key."""

from __future__ import annotations

from telephony.sip.ladder import MOST_ENTRIES, MOST_NEW, Ladders, masked
from telephony.sip.response import respond
from tests.telephony.sip.harness import OFFER, UDP, invite, request


def test_messages_of_a_call_in_their_order() -> None:
    ladders = Ladders(lambda: 5.0)
    asked = invite()
    ladders.observe("in", request("OPTIONS", call_id="other"), UDP, 0.0)
    ladders.observe("in", asked, UDP, 0.0)
    ladders.observe("out", respond(asked, 180), UDP, 0.0)
    ladder = ladders.of("call-1")
    assert [(each.direction, each.summary) for each in ladder] == [
        ("in", "INVITE (SDP)"),
        ("out", "180 Ringing to INVITE"),
    ]
    assert (ladder[0].at, ladder[0].peer, ladder[0].transport) == (5.0, "192.0.2.10:5060", "UDP")
    assert ladders.of("other") == []


def test_nothing_private_is_shown() -> None:
    body = OFFER + b"a=crypto:1 AES inline:c2VjcmV0\r\n"
    message = invite(
        body=body,
        From='"Zhang San" <sip:13800001234@192.0.2.10>;tag=1',
        Contact="<sips:13800001234@192.0.2.10>",
        P_Asserted_Identity="Li Si <tel:+8613900005678>",
        Authorization='Digest username="6001", realm="r", nonce="abc", response="00ff"',
    )
    text = masked(message)
    for private in ("Zhang", "Li Si", "13800001234", "13900005678", "c2VjcmV0", "00ff", "abc", "6001"):
        assert private not in text
    assert "sip:138****1234@192.0.2.10" in text
    assert "INVITE sip:12345@192.0.2.1 SIP/2.0" in text
    info = request("INFO", body=b"Signal=5\r\n", Content_Type="application/dtmf-relay")
    assert "Signal=5" not in masked(info)
    assert "[10 octets]" in masked(info)
    assert "Zhang" not in masked(request("INVITE", Subject="Zhang", Diversion="Zhang <sip:13800001234@a>;reason=no"))
    assert "zhang" not in masked(invite(body=OFFER.replace(b"o=-", b"o=zhang").replace(b"s=-", b"s=zhang talks")))


def test_bounds() -> None:
    ladders = Ladders()
    ladders.observe("in", request("INVITE", call_id="99"), UDP, 0.0)
    ladders.keep("99")
    for number in range(MOST_NEW + 5):
        ladders.observe("in", request("INVITE", call_id=f"refused {number}"), UDP, 0.0)
    assert ladders.of("refused 0") == []
    assert len(ladders.of("99")) == 1
    for _ in range(MOST_ENTRIES + 5):
        ladders.observe("in", request("BYE", call_id="99"), UDP, 0.0)
    assert 100 < len(ladders.of("99")) <= MOST_ENTRIES
    ladders.release("99")
    assert ladders.of("99") == []
