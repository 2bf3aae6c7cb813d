"""Session descriptions, offers and answers (RFC 8866, RFC 3264, RFC 4568)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.offer_answer import Agreement, LocalMedia, agree, write_answer, write_offer
from telephony.sip.sdp import Crypto, RtpMap, parse_sdp

CODECS = ("PCMA", "PCMU", "G722")
LOCAL = LocalMedia("192.0.2.1", 40000, 7)
LINPHONE = b"""v=0\r
o=tester 3621 2190 IN IP4 192.168.1.5\r
s=Talk\r
c=IN IP4 192.168.1.5\r
t=0 0\r
a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics\r
a=record:off\r
m=audio 7078 RTP/AVPF 96 97 98 0 8 18 101 99 100\r
a=rtpmap:96 opus/48000/2\r
a=fmtp:96 useinbandfec=1\r
a=rtpmap:97 speex/16000\r
a=rtpmap:98 speex/8000\r
a=fmtp:18 annexb=yes\r
a=rtpmap:101 telephone-event/48000\r
a=rtpmap:99 telephone-event/16000\r
a=rtpmap:100 telephone-event/8000\r
a=rtcp-fb:* trr-int 5000\r
m=video 9078 RTP/AVPF 96\r
a=rtpmap:96 VP8/90000\r
"""


def offer(*lines: str, session: str = "c=IN IP4 192.0.2.10") -> bytes:
    return "\n".join(["v=0", "o=- 1 1 IN IP4 192.0.2.10", "s=-", session, "t=0 0", *lines]).encode()


def agreed(body: bytes, *, srtp: bool = False) -> Agreement | None:
    return agree(parse_sdp(body), CODECS, srtp=srtp)


def test_a_linphone_offer_and_its_answer() -> None:
    session = parse_sdp(LINPHONE)
    agreement = agree(session, CODECS, srtp=False)
    assert agreement is not None
    assert agreement.codec == RtpMap(8, "PCMA", 8000), "the best of ours"
    assert agreement.telephone_event == RtpMap(100, "TELEPHONE-EVENT", 8000)
    answer = write_answer(session, agreement, LOCAL).decode().splitlines()
    assert "m=audio 40000 RTP/AVPF 8 100" in answer
    assert "m=video 0 RTP/AVPF 96" in answer
    assert "a=rtpmap:100 telephone-event/8000" in answer


def test_of_an_answer_the_first_codec_counts() -> None:
    chosen = agree(parse_sdp(LINPHONE), CODECS, srtp=False, chosen=True)
    assert chosen is not None
    assert chosen.codec == RtpMap(0, "PCMU", 8000)


@pytest.mark.parametrize(
    ("lines", "codec", "remote", "direction"),
    [
        (("m=audio 4000 RTP/AVP 8",), RtpMap(8, "PCMA", 8000), ("192.0.2.10", 4000), "sendrecv"),
        (
            ("m=audio 4000 RTP/AVP 97 0", "a=rtpmap:97 PCMA/8000"),
            RtpMap(97, "PCMA", 8000),
            ("192.0.2.10", 4000),
            "sendrecv",
        ),
        (
            ("m=audio 4000/2 RTP/AVP 0", "c=IN IP4 10.0.0.1/127"),
            RtpMap(0, "PCMU", 8000),
            ("10.0.0.1", 4000),
            "sendrecv",
        ),
        (("m=audio 4000 RTP/AVP 9", "a=sendonly"), RtpMap(9, "G722", 8000), ("192.0.2.10", 4000), "recvonly"),
        (("a=inactive", "m=audio 4000 RTP/AVP 0"), RtpMap(0, "PCMU", 8000), ("192.0.2.10", 4000), "inactive"),
        (("m=audio 4000 RTP/AVP 0", "c=IN IP4 0.0.0.0"), RtpMap(0, "PCMU", 8000), ("0.0.0.0", 4000), "recvonly"),
        (
            ("m=audio 4000 RTP/AVP 0", "c=IN IP4 0.0.0.0", "a=sendonly"),
            RtpMap(0, "PCMU", 8000),
            ("0.0.0.0", 4000),
            "recvonly",
        ),
        (
            ("m=audio 4000 RTP/AVP 0", "c=IN IP4 0.0.0.0", "a=recvonly"),
            RtpMap(0, "PCMU", 8000),
            ("0.0.0.0", 4000),
            "inactive",
        ),
        (
            ("m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::1"),
            RtpMap(0, "PCMU", 8000),
            ("2001:db8::1", 4000),
            "sendrecv",
        ),
        (("m=audio 0 RTP/AVP 8", "m=audio 5000 RTP/AVP 0"), RtpMap(0, "PCMU", 8000), ("192.0.2.10", 5000), "sendrecv"),
        (
            ("m=image 6000 udptl t38", "m=audio 5000 RTP/AVP 0"),
            RtpMap(0, "PCMU", 8000),
            ("192.0.2.10", 5000),
            "sendrecv",
        ),
    ],
)
def test_what_is_agreed(lines: tuple[str, ...], codec: RtpMap, remote: tuple[str, int], direction: str) -> None:
    agreement = agreed(offer(*lines))
    assert agreement is not None
    assert (agreement.codec, agreement.remote, agreement.direction) == (codec, remote, direction)


@pytest.mark.parametrize(
    ("lines", "mux", "port"),
    [
        (("m=audio 4000 RTP/AVP 8",), False, None),
        (("m=audio 4000 RTP/AVP 8", "a=rtcp-mux"), True, 4000),
        (("m=audio 4000 RTP/AVP 8", "a=rtcp:4009 IN IP4 192.0.2.10"), False, 4009),
        (("m=audio 4000 RTP/AVP 8", "a=rtcp:4000", "a=rtcp-mux"), True, 4000),
        (("m=audio 4000 RTP/AVP 8", "a=rtcp:99999"), False, None),
    ],
)
def test_where_rtcp_goes(lines: tuple[str, ...], mux: bool, port: int | None) -> None:
    session = parse_sdp(offer(*lines))
    agreement = agreed(offer(*lines))
    assert agreement is not None
    assert (agreement.rtcp_mux, agreement.rtcp_port) == (mux, port)
    assert (b"a=rtcp-mux" in write_answer(session, agreement, LOCAL)) == mux


@pytest.mark.parametrize(
    "lines",
    [
        ("m=audio 4000 RTP/AVP 18",),
        ("m=audio 4000 RTP/AVP 96", "a=rtpmap:96 opus/48000/2"),
        ("m=audio 4000 RTP/AVP 96", "a=rtpmap:96 PCMA/16000"),
        ("m=audio 4000 RTP/AVP 8", "a=rtpmap:8 G729/8000"),
        ("m=audio 0 RTP/AVP 0",),
        ("m=video 4000 RTP/AVP 31",),
        ("m=audio 4000 RTP/SAVP 0", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 40),
        ("m=audio 4000 UDP/TLS/RTP/SAVPF 0",),
        ("m=audio 4000 RTP/AVP x y",),
    ],
)
def test_nothing_to_agree_on(lines: tuple[str, ...]) -> None:
    assert agreed(offer(*lines)) is None


@pytest.mark.parametrize(
    "body",
    [
        b"hello",
        b"v=1\r\nm=audio 1 RTP/AVP 0",
        b"v=0\r\ns=-",
        b"v=0\nm=audio x RTP/AVP 0",
        b"v=0\nm=audio 70000 RTP/AVP 0",
        b"v=0\nc=IN\nm=audio 1 RTP/AVP 0",
        b"v=0\nnonsense\nm=audio 1 RTP/AVP 0",
        b"v=0\n" + b"m=audio 1 RTP/AVP 0\n" * 50,
        b"v=0\n" + b"a=x\n" * 5000,
        b"v=0\n" + b"a" * 20000,
    ],
)
def test_broken_descriptions(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"description|line"):
        parse_sdp(body)


def test_srtp_is_agreed_with_the_first_suite_we_have() -> None:
    key = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
    lines = [
        "m=audio 4000 RTP/SAVP 0",
        f"a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:{key}|2^20",
        f"a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:{key}|2^20|1:4",
    ]
    session = parse_sdp(offer(*lines))
    agreement = agree(session, CODECS, srtp=True)
    assert agreement is not None
    assert agreement.crypto == Crypto(2, "AES_CM_128_HMAC_SHA1_32", key)
    own = LocalMedia("192.0.2.1", 40000, 7, key=Crypto(2, "AES_CM_128_HMAC_SHA1_32", "ours"))
    answer = write_answer(session, agreement, own).decode()
    assert "m=audio 40000 RTP/SAVP 0\r\n" in answer
    assert "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:ours\r\n" in answer


def test_our_offer_is_read_by_us() -> None:
    agreement = agreed(write_offer(CODECS, LOCAL))
    assert agreement is not None
    assert agreement.codec == RtpMap(8, "PCMA", 8000)
    assert agreement.telephone_event == RtpMap(101, "TELEPHONE-EVENT", 8000)
    assert b"o=- 7 2 IN" in write_offer(CODECS, LOCAL.next_version())
    assert b"IN IP6 ::1" in write_offer(CODECS, LocalMedia("::1", 40000, 7))


@given(st.binary(max_size=500))
def test_any_octets_are_a_description_or_a_value_error(body: bytes) -> None:
    try:
        parse_sdp(b"v=0\n" + body)
    except ValueError:
        return


PIECES = ["m=audio 4000 RTP/AVP 0 8 101", "m=video 1 RTP/AVP 31", "m=audio 0 RTP/SAVP 8", "a=sendonly", "a=rtpmap:101"]
PIECES += [
    "a=rtpmap:101 telephone-event/8000",
    "c=IN IP4 192.0.2.3",
    "a=crypto:1 X inline:",
    "b=AS:64",
    "a=",
    "m=x 1 y",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_an_answer_has_a_line_for_each_line_of_the_offer(lines: list[str]) -> None:
    try:
        session = parse_sdp(offer(*lines))
    except ValueError:
        return
    agreement = agree(session, CODECS, srtp=True)
    if agreement is None:
        return
    answer = parse_sdp(write_answer(session, agreement, LOCAL))
    assert [media.kind for media in answer.media] == [media.kind for media in session.media]
    assert [media.port for media in answer.media if media.port] == [40000]
