"""A draft becomes a ticket and a case, in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.clients import call_with_sipp, sipp_call_id
from tests.database_fixtures import create_postgres_database
from tests.service import Service
from tests.waiting import wait_for

pytestmark = [pytest.mark.call, pytest.mark.slow]

PAUSE = bytes(16000)


def follow_to_the_case(service: Service, folder: Path, speech: Callable[[str], bytes]) -> None:
    """Call, claim, correct, confirm, and look into the store."""
    client = call_with_sipp(folder / "sipp", service.sip_port, PAUSE + speech("沂水县龙家圈街道自来水停水了") + PAUSE)
    assert client.wait(60) == 0

    def ready() -> dict[str, object] | None:
        call = service.call_of(sipp_call_id(client))
        draft = service.draft_of(call["id"]) if call else None
        return draft if draft and draft["state"] == "ready" else None

    draft = wait_for(ready, 30)
    path = f"/api/v1/drafts/{draft['id']}"
    assert service.request("POST", f"{path}/confirm", {"version": draft["version"]}).status == 409, "not claimed yet"
    claimed = service.request("POST", f"{path}/claim").json
    edited = service.request(
        "PATCH", path, {"version": claimed["version"], "fields": {"title": "停水", "county": "沂水县"}}
    ).json
    assert edited["fields"]["title"]["value"] == "停水"
    assert edited["fields"]["title"]["source"] == "operator"
    stale = service.request("PATCH", path, {"version": claimed["version"], "fields": {"title": "别的"}})
    assert stale.status == 409
    ticket = service.request("POST", f"{path}/confirm", {"version": edited["version"]}).json
    again = service.request("POST", f"{path}/confirm", {"version": edited["version"]})
    assert again.status == 409

    def delivered() -> str | None:
        delivery = service.get(f"/api/v1/tickets/{ticket['id']}").json["delivery"]
        return delivery["case_id"] if delivery["state"] == "delivered" else None

    case = service.get(f"/api/v1/cases/{wait_for(delivered)}").json
    assert "停水" in str(case)


def test_a_case_in_sqlite(service: Service, tmp_path: Path, speech: Callable[[str], bytes]) -> None:
    follow_to_the_case(service, tmp_path, speech)


@pytest.mark.postgres
def test_a_case_in_postgresql(tmp_path: Path, speech: Callable[[str], bytes], postgres_home: URL) -> None:
    service = Service(
        tmp_path / "data",
        HOTLINE_DATABASE__URL=create_postgres_database(postgres_home),
        HOTLINE_DELIVERY__URL=create_postgres_database(postgres_home),
    ).start()
    try:
        follow_to_the_case(service, tmp_path, speech)
    finally:
        service.stop()
