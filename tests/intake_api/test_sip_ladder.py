"""The SIP messages of a call over HTTP."""

from __future__ import annotations

import json

from fastapi.testclient import TestClient

from config.settings import Settings
from models.database import Database
from spool.call_folder import create_call_folder
from tests.intake_api.conftest import add_call

INVITE = {
    "at": 1790000000.5,
    "direction": "in",
    "transport": "UDP",
    "peer": "192.0.2.7:5060",
    "summary": "INVITE (SDP)",
    "text": "INVITE sip:12345@192.0.2.1 SIP/2.0\n",
}


def test_the_messages_are_shown_in_order(client: TestClient, database: Database, settings: Settings) -> None:
    call = add_call(database)
    at = f"/api/v1/calls/{call.id}/sip"
    assert client.get(at).status_code == 404
    folder = create_call_folder(settings.spool_dir, str(call.id))
    answer = INVITE | {"direction": "out", "summary": "200 OK to INVITE"}
    lines = [json.dumps(message) for message in (INVITE, answer)]
    (folder.path / "sip.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert client.get(at).json() == {"messages": [INVITE, answer]}
