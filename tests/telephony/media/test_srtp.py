"""SRTP with keys from SDP."""

from __future__ import annotations

import asyncio
import os

import pytest

from telephony.media.codecs import SUPPORTED
from telephony.media.srtp import Cipher, SrtpKeys
from tests.telephony.media.conftest import tone
from tests.telephony.media.test_session import Talk, error_ratio


def _pair(suite: str) -> tuple[SrtpKeys, SrtpKeys]:
    one, other = os.urandom(30), os.urandom(30)
    return SrtpKeys(suite, one, other), SrtpKeys(suite, other, one)


@pytest.mark.parametrize("suite", ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"])
def test_protected_audio_and_keys_arrive(suite: str) -> None:
    async def scenario() -> None:
        talk = Talk()
        ours, theirs = _pair(suite)
        talk.caller.configure(("127.0.0.1", talk.callee.local_port), SUPPORTED["PCMA"], 101, srtp=ours)
        talk.callee.configure(("127.0.0.1", talk.caller.local_port), SUPPORTED["PCMA"], 101, srtp=theirs)
        said = tone(0.4)
        await talk.caller.play(said.tobytes(), 8000)
        await talk.caller.send_digits("7")
        talk.close()
        assert error_ratio(talk.heard_by_callee.samples, said)[0] > 33
        assert [d.digit for d in talk.digits] == ["7"]

    asyncio.run(scenario())


def test_plain_audio_into_a_protected_call_is_not_heard() -> None:
    async def scenario() -> None:
        talk = Talk()
        _, theirs = _pair("AES_CM_128_HMAC_SHA1_80")
        talk.callee.configure(("127.0.0.1", talk.caller.local_port), SUPPORTED["PCMA"], 101, srtp=theirs)
        await talk.caller.play(tone(0.2).tobytes(), 8000)
        talk.close()
        assert not talk.heard_by_callee.samples.any()
        assert talk.callee.statistics.packets_received == 0

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "data", [b"", b"x", bytes(11), bytes(12), b"\x80" + bytes(30), bytes(1400), bytes(range(256)) * 8]
)
def test_what_does_not_open_is_a_value_error(data: bytes) -> None:
    ours, _ = _pair("AES_CM_128_HMAC_SHA1_80")
    cipher = Cipher(ours)
    with pytest.raises(ValueError, match="packet"):
        cipher.open(data)
    with pytest.raises(ValueError, match="packet"):
        cipher.open_rtcp(data)


def test_keys_are_checked_and_never_shown() -> None:
    with pytest.raises(ValueError, match="suite"):
        SrtpKeys("F8_128_HMAC_SHA1_80", bytes(30), bytes(30))
    with pytest.raises(ValueError, match="30 bytes"):
        SrtpKeys("AES_CM_128_HMAC_SHA1_80", bytes(30), bytes(16))
    assert "\\x" not in repr(SrtpKeys("AES_CM_128_HMAC_SHA1_80", bytes(30), bytes(30)))
