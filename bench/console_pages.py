"""Measures the console's pages over a database of many drafts: the server's time for each.

python bench/console_pages.py [--drafts 100000] [--requests 60]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from fastapi.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.api_lists import RESULTS, fill, measure
from config.settings import Settings
from intake_api.app import create_app
from intake_api.security.api_tokens import create_token
from intake_api.security.rights import Scope
from models.database import open_database
from models.migration import migrate


def main() -> None:
    """Fill, measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drafts", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=60)
    asked = parser.parse_args()
    load = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        migrate(settings.database_url)
        database = open_database(settings.database_url)
        _call, draft_id, ticket_id = fill(database, asked.drafts)
        _, token = create_token(database, Scope.ADMIN, "bench", "bench", datetime.now(UTC))
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
        with TestClient(create_app(settings), headers=headers) as client:
            paths = [
                *("/", "/?page=20", "/?tab=confirmed", "/?q=银雀山", "/?q=没有这个", f"/drafts/{draft_id}"),
                *(f"/drafts/{draft_id}/fields", f"/drafts/{draft_id}/beside", f"/drafts/{draft_id}/transcript"),
                *("/tickets", f"/tickets/{ticket_id}", "/audit", "/dashboard?since=2026-08-01&until=2026-08-07"),
            ]
            client.get("/"), client.get(f"/drafts/{draft_id}")  # templates and the city's data are read once
            found = {
                path.replace(str(draft_id), "ID").replace(ticket_id, "ID"): measure(client, path, asked.requests)
                for path in paths
            }
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load_before": load,
        "drafts": asked.drafts,
        "database": "SQLite",
        "pages": found,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "console_pages.json").write_text(
        json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    print(json.dumps(report, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
