"""What an administrator sees and sets: recogniser, trunks, the city's data, what is kept; and a call's line."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from config.city import CITIES
from intake_api.console import load_test
from intake_api.console.call import judged, ladder_text
from intake_api.console.city_check import faults
from intake_api.console.load_test import LoadTest, last_test, missing_memory
from intake_api.console.model_commands import Model, ModelRefused, installed_models, restart_recogniser, use_model
from models.tables import AuditEntry, Call
from spool.call_folder import wav_header
from tests.console.calls import complaint
from tests.console.server import ConsoleServer
from tests.console.test_pages import sign_in_by_form

TINY = Model("tiny", "zh", "", "", "", "", 1, 1000, True, False)


@pytest.fixture
def console(tmp_path: Path) -> ConsoleServer:
    """The application without a socket, and an administrator."""
    server = ConsoleServer(tmp_path / "data")
    server.operator("admin", "admin", "en")  # type: ignore[arg-type]
    return server


@pytest.fixture
def admin(console: ConsoleServer) -> TestClient:
    """A browser in which the administrator is signed in; forms carry the session's token."""
    client = TestClient(console.app, base_url="http://127.0.0.1", follow_redirects=False)
    client.headers |= {"Accept": "text/html", "X-CSRF-Token": sign_in_by_form(client, "admin")}
    client.cookies.set("hotline_language", "en")
    client.follow_redirects = True
    return client


def test_the_model_in_use_is_shown_with_its_card(admin: TestClient) -> None:
    said = admin.get("/system/recogniser").text
    assert "A small Mandarin telephone model" in said
    assert "Not measured yet on this machine." in said
    assert "hotline models install vosk-model-cn-0.22" in said


def test_a_model_that_is_not_here_is_refused_in_words(console: ConsoleServer, admin: TestClient) -> None:
    answer = admin.post("/system/recogniser/use", data={"name": "../../etc"})
    assert answer.status_code == 422
    assert "This model is not installed: ../../etc." in answer.text
    with pytest.raises(ModelRefused, match=r"vosk-model-cn-0\.22"):
        use_model(console.settings, "vosk-model-cn-0.22")


@pytest.mark.slow
def test_the_bundled_model_is_chosen_and_the_act_is_logged(console: ConsoleServer, admin: TestClient) -> None:
    assert "bundled is used from the recogniser" in admin.post("/system/recogniser/use", data={"name": "bundled"}).text
    assert next(m for m in installed_models(console.settings) if m.name == "bundled").in_use
    with console.database.reading() as db:
        (entry,) = db.exec(select(AuditEntry).where(AuditEntry.action == "model_chosen")).all()
    assert (entry.actor, entry.subject) == ("admin", "model:bundled")


@pytest.mark.slow
def test_the_load_test_says_how_many_calls_are_heard(
    console: ConsoleServer, admin: TestClient, speech: Callable[[str], bytes]
) -> None:
    refused = admin.post("/system/recogniser/load-test", data={"name": "bundled"})
    assert (refused.status_code, "There is no speech to measure with" in refused.text) == (422, True)
    prompts = console.settings.prompts_dir / "zh"
    prompts.mkdir(parents=True)
    pcm = speech("您好，这里是12345")
    (prompts / "greeting.wav").write_bytes(wav_header(8000, len(pcm)) + pcm)
    bundled = next(model for model in installed_models(console.settings) if model.name == "bundled")
    load_test.start(console.settings, bundled, load_test.speeches_of(console.settings)).join(240)
    found = last_test(console.settings)
    assert found is not None
    assert found.state == "done", found.sentence
    assert found.calls == int(0.8 * found.threads / found.real_time_factor) > 1
    assert f"About {found.calls} calls at once." in admin.get("/system/recogniser").text


def test_a_test_cut_off_with_its_process_does_not_run_for_ever(console: ConsoleServer, admin: TestClient) -> None:
    old = LoadTest("running", "2026-01-01T00:00:00+00:00", "bundled", 2)
    load_test.write_test(console.settings, old)
    assert "Measure now" in admin.get("/system/recogniser").text
    load_test.write_test(console.settings, LoadTest("running", datetime.now(UTC).isoformat(), "bundled", 2))
    said = admin.get("/system/recogniser").text
    assert "Being measured since" in said
    assert "Measure now" not in said


def test_no_second_model_is_loaded_where_it_does_not_fit(tmp_path: Path) -> None:
    memory = tmp_path / "meminfo"
    memory.write_text("MemTotal:       8000 kB\nMemAvailable:       2 kB\n", encoding="ascii")
    assert missing_memory(TINY, memory) == 3000 - 2048
    memory.write_text("MemAvailable:       3 kB\n", encoding="ascii")
    assert missing_memory(TINY, memory) == 0
    assert missing_memory(TINY, tmp_path / "absent") == 0


def test_only_a_recogniser_is_ever_ended(admin: TestClient) -> None:
    assert not restart_recogniser({})
    assert not restart_recogniser({"pid": 1})
    assert not restart_recogniser({"pid": os.getpid()})
    assert admin.post("/system/recogniser/restart").status_code == 409


def test_trunks_tell_their_state_and_the_last_error(tmp_path: Path) -> None:
    server = ConsoleServer(tmp_path / "data")
    trunk = {"name": "city", "registrar": "sip:pbx.example", "username": "12345", "password": "geheim"}
    telephony = server.settings.telephony.model_copy(
        update={"trunks": (type(server.settings.telephony).model_validate({"trunks": [trunk]}).trunks[0],)}
    )
    object.__setattr__(server.service, "settings", server.settings.model_copy(update={"telephony": telephony}))
    server.operator("admin", "admin", "en")  # type: ignore[arg-type]
    status = {
        "at": datetime.now(UTC).isoformat(),
        "trunks": [{"name": "city", "registered": False, "detail": "403 Forbidden: wrong password"}],
        "metrics": {'sip_requests_refused_total{reason="rate"}': 7},
    }
    (server.settings.runtime_dir / "calls.json").write_text(json.dumps(status), encoding="utf-8")
    client = TestClient(server.app, base_url="http://127.0.0.1", follow_redirects=False)
    sign_in_by_form(client, "admin")
    said = client.get("/system/trunks", headers={"Accept": "text/html"}).text
    assert "403 Forbidden: wrong password" in said
    assert "not registered" in said
    assert "geheim" not in said


def test_the_page_of_what_is_kept_names_each_setting(admin: TestClient) -> None:
    said = admin.get("/system/keeping").text
    assert "storage.keep_recordings_days" in said
    assert "365 days" in said
    assert "2 GB" in said


def test_each_fault_of_the_citys_data_is_found_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    shutil.copytree(CITIES / "linyi", folder)
    assert faults(folder) == []
    units = folder / "units.csv"
    units.write_text(units.read_text(encoding="utf-8") + "一个单位,,dep,artment,extra\n", encoding="utf-8")
    types = folder / "types.toml"
    types.write_text(types.read_text(encoding="utf-8") + "\n= broken", encoding="utf-8")
    found = {finding.file: finding for finding in faults(folder)}
    assert found.keys() == {"units.csv", "types.toml"}
    lines = len(units.read_text(encoding="utf-8").splitlines())
    assert (found["units.csv"].line, found["units.csv"].remedy) == (lines, "count its commas")
    assert "cells" in found["units.csv"].wrong


def test_the_citys_page_warns_of_what_will_not_stay_right(admin: TestClient) -> None:
    said = admin.get("/system/city").text
    assert "4,186" in said or "4186" in said
    assert "answers are samples" in said


def test_a_calls_line_is_told_in_words_and_its_messages_are_exported(console: ConsoleServer, admin: TestClient) -> None:
    call = complaint(console.spool_dir)
    invite = {
        "at": 1790000000.5, "direction": "in", "transport": "UDP", "peer": "192.0.2.7:5060",
        "summary": "INVITE (SDP)", "text": "INVITE sip:12345@192.0.2.1 SIP/2.0\nFrom: <sip:138****1234@x>\n",
    }  # fmt: skip
    ok = invite | {"at": 1790000000.75, "direction": "out", "summary": "200 OK to INVITE", "text": "SIP/2.0 200 OK\n"}
    (call.folder.path / "sip.jsonl").write_text("\n".join(map(json.dumps, (invite, ok))) + "\n", encoding="utf-8")
    console.ingest()
    with console.database.session() as db:
        row = db.get_one(Call, call.id)
        row.packets_received, row.packets_lost = 990, 10
        row.statistics = {"packets_late": 0, "jitter": 0.0123, "mos": 4.21}
    said = admin.get(f"/calls/{call.id}").text
    assert "A good line." in said
    assert "12.3 ms" in said
    assert "1.0 %" in said
    assert "200 OK to INVITE" in said
    answer = admin.get(f"/calls/{call.id}/sip.txt")
    lines = answer.text.splitlines()
    assert lines[2] == "14:13:20.500 <- UDP 192.0.2.7:5060  INVITE (SDP)"
    assert lines[3] == "14:13:20.750 -> UDP 192.0.2.7:5060  200 OK to INVITE"
    assert "From: <sip:138****1234@x>" in lines
    (call.folder.path / "sip.jsonl").unlink()
    assert admin.get(f"/calls/{call.id}/sip.txt").status_code == 404
    assert "No SIP messages are kept" in admin.get(f"/calls/{call.id}").text


@pytest.mark.parametrize(
    ("received", "lost", "mos", "tone"),
    [
        (1000, 0, 4.3, "good"),
        (1000, 25, 4.1, "warn"),
        (1000, 0, 3.8, "warn"),
        (1000, 60, None, "alarm"),
        (0, 0, None, "alarm"),
    ],
)
def test_a_line_is_judged_by_loss_and_mos(received: int, lost: int, mos: float | None, tone: str) -> None:
    now = datetime.now(UTC)
    call = Call(sip_call_id="x", answered_at=now, packets_received=received, packets_lost=lost, statistics={"mos": mos})
    assert judged(call)[0] == tone
    assert ladder_text(call, []).startswith("Call ")
