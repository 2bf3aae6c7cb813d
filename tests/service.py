"""The whole service, started as its user starts it, on free ports and an empty data folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tests.waiting import wait_for


class Answer:
    """An HTTP answer: `status`, `headers`, `body`, and `json` when it is that."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


class Service:
    """`hotline serve` in a process group of its own."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.sip_port, self.web_port = free_port(), free_port()
        self.environment = os.environ | {
            "HOTLINE_DATA_DIR": str(data_dir),
            "HOTLINE_TELEPHONY__BIND": f"127.0.0.1:{self.sip_port}",
            "HOTLINE_WEB__BIND": f"127.0.0.1:{self.web_port}",
            **environment,
        }
        self.log_path = data_dir.parent / f"{data_dir.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._token: str | None = None

    def start(self, *arguments: str, wait: bool = True) -> Service:
        """Start and, unless told otherwise, wait until it is ready."""
        log = self.log_path.open("ab")
        command = [sys.executable, "-m", "hotline", "serve", *arguments]
        self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        if wait:
            try:
                wait_for(self.is_ready, 40)
            except AssertionError:
                self.process.kill()
                raise AssertionError(f"the service is not ready:\n{self.log()[-4000:]}") from None
        return self

    def is_ready(self) -> bool:
        """Whether `/readyz` says so; fails at once when the service has ended."""
        assert self.process is not None
        assert self.process.poll() is None, f"the service ended early:\n{self.log()}"
        try:
            return self.get("/readyz", token="").status == 200
        except OSError:
            return False

    def stop(self) -> int:
        """SIGTERM, then the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def log(self) -> str:
        """Everything that the service printed."""
        return self.log_path.read_text(errors="replace")

    def pid_of(self, role: str) -> int:
        """The process id of a role, found as an administrator would: by its command line."""
        assert self.process is not None
        listing = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=True
        )
        rows = [line.split(None, 1) for line in listing.stdout.splitlines()]
        (pid,) = [int(pid) for pid, command in rows if command.endswith(f" {role}")]
        return pid

    def kill(self, role: str) -> None:
        """`kill -9` one of the processes."""
        os.kill(self.pid_of(role), signal.SIGKILL)

    def command(self, *arguments: str, stdin: str = "", check: bool = True) -> str:
        """Run `hotline ...` against the same data and return its standard output."""
        run = subprocess.run(
            [sys.executable, "-m", "hotline", *arguments],
            env=self.environment, input=stdin, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert not check or run.returncode == 0, run.stderr
        return run.stdout

    @property
    def token(self) -> str:
        """A token of scope admin."""
        if self._token is None:
            self._token = self.command("token", "create", "--scope", "admin").strip()
        return self._token

    def get(self, path: str, *, token: str | None = None, headers: dict[str, str] | None = None) -> Answer:
        """GET with the service's own token (or another, or none: empty)."""
        return self.request("GET", path, token=token, headers=headers)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a request to the running service."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.web_port}{path}", data, headers or {}, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if bearer := (self.token if token is None else token):
            request.add_header("Authorization", f"Bearer {bearer}")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def call_of(self, sip_call_id: str) -> dict[str, Any] | None:
        """The call with that Call-ID, or None."""
        items = self.get(f"/api/v1/calls?sip_call_id={sip_call_id}").json["items"]
        return items[0] if items else None

    def text_of(self, call_id: str) -> str:
        """Every word of a call."""
        utterances = self.get(f"/api/v1/calls/{call_id}/transcript").json["utterances"]
        return "".join(utterance["text"] for utterance in utterances)

    def draft_of(self, call_id: str) -> dict[str, Any] | None:
        """The draft of a call, or None."""
        items = self.get(f"/api/v1/drafts?call_id={call_id}").json["items"]
        return items[0] if items else None
