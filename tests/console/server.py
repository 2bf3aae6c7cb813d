"""The real application over a data folder of its own, served by uvicorn in a thread."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from config.sections import Address, WebSettings
from config.settings import Settings
from intake.ingest import Ingest
from intake_api.app import create_app
from intake_api.security.passwords import Passwords
from intake_api.security.rights import Role
from live_bus.local_bus import LocalBus
from models.database import migrate
from models.tables import Operator
from tests.console.drafting import DRAFTING
from tests.ports import free_port

PASSWORD = "a long enough sentence"
HASH = Passwords().hash(PASSWORD)


class ConsoleServer:
    """Started with `start`, stopped with `stop`; `ingest` moves what is in the spool into the database."""

    def __init__(self, data_dir: Path, language: str = "zh") -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        address = Address(host="127.0.0.1", port=self.port)
        self.settings = Settings(data_dir=data_dir, language=language, web=WebSettings(bind=address))
        self.spool_dir = self.settings.spool_dir
        self.spool_dir.mkdir()
        self.settings.runtime_dir.mkdir(parents=True, exist_ok=True)
        migrate(self.settings.database_url)
        self.bus = LocalBus(self.settings.runtime_dir)
        self.app = create_app(self.settings, bus=self.bus)
        self.service = self.app.state.service
        object.__setattr__(self.service, "drafting", DRAFTING)
        self.database = self.service.database
        self._ingest = Ingest(self.database, self.spool_dir, DRAFTING, lambda: datetime.now(UTC))
        config = uvicorn.Config(
            self.app, host="127.0.0.1", port=self.port, log_level="warning", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    @property
    def url(self) -> str:
        """Where browsers find it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> ConsoleServer:
        """Serve, with every other process said to be well for a day."""
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        for process in ("calls", "recogniser", "deliver"):
            status = {"at": tomorrow, "state": "ready", "model": "bundled"}
            (self.settings.runtime_dir / f"{process}.json").write_text(json.dumps(status))
        self._thread.start()
        deadline = time.monotonic() + 15
        while not self._server.started:
            assert self._thread.is_alive(), "the server ended early"
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.02)
        return self

    def stop(self) -> None:
        """End the server and its streams."""
        self._server.should_exit = True
        self._thread.join(10)

    def ingest(self) -> None:
        """Bring the database up to the spool."""
        self._ingest.look()

    def operator(self, name: str, role: Role = Role.OPERATOR, language: str = "zh") -> None:
        """Add a person who signs in with `PASSWORD`."""
        with self.database.session() as db:
            db.add(Operator(name=name, role=role, password_hash=HASH, language=language))
