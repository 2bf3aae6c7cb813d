"""SIPp, baresip and Linphone each place a call with speech: it is answered, heard, and its keys are noted."""

from __future__ import annotations

import wave
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.clients import call_with_baresip, call_with_linphone, call_with_sipp, sipp_call_id, write_wav
from tests.service import Service
from tests.waiting import wait_for

pytestmark = [pytest.mark.call, pytest.mark.slow]

SENTENCE = "我要投诉兰山区银雀山街道的路灯坏了"
NUMBER = "我的电话是一三八零零零零一二三四"
PAUSE = bytes(16000)


def the_only_call(service: Service) -> dict[str, Any]:
    """Wait for the only call to be over and transcribed, and return it."""

    def ended() -> dict[str, Any] | None:
        items = service.get("/api/v1/calls").json["items"]
        done = items and items[0]["state"] == "ended"
        draft = service.draft_of(items[0]["id"]) if done else None
        return items[0] if draft and draft["state"] == "ready" else None

    return wait_for(ended, 30)


def heard_well(said: str, heard: str) -> bool:
    """At most one character in five differs: what is tried here is the way, not the model."""
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(said, heard) <= len(said) / 5


def test_sipp_is_heard(service: Service, tmp_path: Path, speech: Callable[[str], bytes]) -> None:
    pcm = PAUSE + speech(SENTENCE) + PAUSE + PAUSE + speech(NUMBER) + PAUSE
    client = call_with_sipp(tmp_path / "sipp", service.sip_port, pcm)
    assert client.wait(60) == 0
    call = the_only_call(service)
    assert call["sip_call_id"] == sipp_call_id(client)
    assert call["caller_number"] == "13800001234"
    assert call["end_reason"] == "caller_hung_up"
    assert call["packets_received"] > 100
    assert heard_well(SENTENCE + NUMBER, service.text_of(call["id"]))
    draft = service.draft_of(call["id"])
    assert draft is not None
    assert draft["fields"]["phone"]["value"] == "13800001234"
    with wave.open(BytesIO(service.get(f"/api/v1/calls/{call['id']}/audio").body)) as recording:
        seconds = recording.getnframes() / recording.getframerate()
    assert abs(seconds - (len(pcm) / 16000 + 0.5)) < 0.4


def test_sipp_over_tcp_is_heard(service: Service, tmp_path: Path, speech: Callable[[str], bytes]) -> None:
    pcm = PAUSE + speech(SENTENCE) + PAUSE
    assert call_with_sipp(tmp_path / "sipp", service.sip_port, pcm, transport="t1").wait(60) == 0
    assert heard_well(SENTENCE, service.text_of(the_only_call(service)["id"]))


def test_baresip_is_heard_and_its_keys_too(service: Service, tmp_path: Path, speech: Callable[[str], bytes]) -> None:
    wav = write_wav(tmp_path / "speech.wav", PAUSE * 6 + speech(SENTENCE) + PAUSE * 20)
    call_with_baresip(tmp_path / "baresip", service.sip_port, wav, 13.0, digits="5093#")
    call = the_only_call(service)
    assert call["digits"] == "5093#"
    assert heard_well(SENTENCE, service.text_of(call["id"]))


def test_linphone_is_heard_and_its_keys_too(service: Service, tmp_path: Path, speech: Callable[[str], bytes]) -> None:
    wav = write_wav(tmp_path / "speech.wav", PAUSE * 4 + speech(SENTENCE) + PAUSE * 20)
    call_with_linphone(tmp_path / "linphone", service.sip_port, wav, 14.0, digits="12*0")
    call = the_only_call(service)
    assert call["digits"] == "12*0"
    assert heard_well(SENTENCE, service.text_of(call["id"]))
