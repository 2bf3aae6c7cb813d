"""The command line, against a running service and alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients import write_wav
from tests.service import Service
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

SENTENCE = "我要投诉兰山区银雀山街道的路灯坏了"


def test_a_newcomer_without_a_softphone(service: Service) -> None:
    """README: call with words, read the transcript and the draft, add people, look at the installation."""
    said = service.command(
        "call", f"sip:12345@127.0.0.1:{service.sip_port}", "--say", SENTENCE, "--dtmf", "42", "--caller", "13900001111"
    )
    assert "Answered after" in said
    call = wait_for(lambda: service.get("/api/v1/calls").json["items"], 20)[0]
    draft = wait_for(lambda: (found := service.draft_of(call["id"])) and found["state"] == "ready" and found, 20)
    assert service.text_of(call["id"]) == SENTENCE
    assert draft["fields"]["town"]["value"] == "银雀山街道"
    call = service.get(f"/api/v1/calls/{call['id']}").json
    assert (call["digits"], call["caller_number"]) == ("42", "13900001111")

    token = service.command("token", "create", "--scope", "read")
    assert token.count("\n") == 1
    masked = service.get(f"/api/v1/calls/{call['id']}", token=token.strip()).json
    assert masked["caller_number"] == "139****1111"
    assert "supervisor" in service.command("operator", "add", "王芳", "--role", "supervisor", stdin="a long password\n")
    assert "WRONG" not in service.command("doctor")


def test_transcribe_and_draft_alone(tmp_path: Path, speech: Callable[[str], bytes]) -> None:
    service = Service(tmp_path / "data")
    first = write_wav(tmp_path / "one.wav", bytes(8000) + speech(SENTENCE) + bytes(8000))
    second = write_wav(tmp_path / "two.wav", bytes(8000) + speech("谢谢") + bytes(8000))
    lines = service.command("transcribe", str(first), str(second), "--json").splitlines()
    results = [json.loads(line) for line in lines]
    assert [Path(result["file"]).name for result in results] == ["one.wav", "two.wav"]
    (utterance,) = results[0]["utterances"]
    assert utterance["text"] == SENTENCE
    assert {"index", "start_time", "end_time", "text", "confidence", "words"} <= utterance.keys()
    assert {"word", "start", "end", "confidence"} <= utterance["words"][0].keys()

    draft = json.loads(service.command("draft", "--text", f"{SENTENCE}我电话幺三八零零零零幺二三四", "--json"))
    assert draft["fields"]["phone"]["value"] == "13800001234"
    assert draft["fields"]["county"]["value"] == "兰山区"
    calls = tmp_path / "calls.jsonl"
    row = {"id": "a", "utterances": [SENTENCE], "started_at": "2026-11-23T09:00:00+08:00", "caller_number": "1"}
    calls.write_text(json.dumps(row) + "\n", encoding="utf-8")
    (line,) = service.command("draft", "--jsonl", str(calls)).splitlines()
    assert json.loads(line)["id"] == "a"


def test_backup_and_restore(service: Service, tmp_path: Path) -> None:
    assert service.token
    service.command("operator", "add", "张伟", "--role", "admin", stdin="a long password\n")
    service.command("call", f"sip:12345@127.0.0.1:{service.sip_port}", "--say", SENTENCE)
    wait_for(lambda: service.get("/api/v1/drafts?state=ready").json["items"], 20)
    service.command("backup", str(tmp_path / "backup"))
    service.stop()
    again = Service(tmp_path / "again")
    again.command("restore", str(tmp_path / "backup"))
    again.start()
    try:
        call = again.get("/api/v1/calls", token=service.token).json["items"][0]
        assert again.get(f"/api/v1/calls/{call['id']}/audio", token=service.token).body[:4] == b"RIFF"
    finally:
        again.stop()


def test_models_and_settings_are_shown(tmp_path: Path) -> None:
    service = Service(tmp_path / "data")
    listed = json.loads(service.command("models", "list", "--json"))
    assert {"bundled", "vosk-model-small-cn-0.22"} <= {model["name"] for model in listed}
    assert "whole" in service.command("models", "verify", "bundled")
    assert "good" in service.command("config", "check")
    assert json.loads(service.command("config", "show"))["city"] == "linyi"
