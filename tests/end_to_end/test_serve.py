"""`hotline serve` as an administrator meets it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.service import Service
from tests.waiting import wait_for

pytestmark = pytest.mark.slow


def children(pid: int) -> list[int]:
    """Process ids whose parent is `pid`."""
    listing = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in listing.stdout.split()]


def test_it_says_what_to_dial_and_ends_in_order(service: Service) -> None:
    wait_for(lambda: "Ctrl-C" in service.log(), 20)
    log = service.log()
    assert f"sip:12345@127.0.0.1:{service.sip_port}" in log
    assert f"http://127.0.0.1:{service.web_port}/welcome?token=" in log
    assert "bundled" in log
    began = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - began < 15


def test_a_killed_supervisor_leaves_nothing_behind(service: Service) -> None:
    assert service.process is not None
    running = children(service.process.pid)
    assert len(running) == 4
    service.process.send_signal(signal.SIGKILL)
    service.process.wait()

    def gone() -> bool:
        return not any(Path(f"/proc/{pid}/cmdline").exists() for pid in running)

    wait_for(gone, 15)
    service.start()
    assert service.stop() == 0


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    service = Service(tmp_path / "data")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", service.sip_port))
        service.start(wait=False)
        assert service.process is not None
        assert service.process.wait(30) == 78
    assert str(service.sip_port) in service.log()
    assert "already in use" in service.log()


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    service = Service(tmp_path / "data", HOTLINE_TELEPHONY__MAX_CALLS="many").start(wait=False)
    assert service.process is not None
    assert service.process.wait(30) == 78
    assert "HOTLINE_TELEPHONY__MAX_CALLS" in service.log()


@pytest.mark.fault
def test_a_full_disk_is_told_to_callers_and_operators(tmp_path: Path) -> None:
    service = Service(tmp_path / "data", HOTLINE_STORAGE__FULL_DISK_BYTES=str(10**18)).start(wait=False)
    try:
        wait_for(lambda: "Ctrl-C" in service.log(), 40)
        ready = service.get("/readyz", token="")
        assert ready.status == 503
        assert "disk is full" in ready.body.decode()
        said = service.command("call", f"sip:12345@127.0.0.1:{service.sip_port}", "--wait", "12")
        assert "the other side hung up" in said
        call = wait_for(lambda: service.get("/api/v1/calls").json["items"], 20)[0]
        call = wait_for(lambda: _ended(service, call["id"]), 20)
        assert call["end_reason"] == "not_recorded"
        assert call["answered_at"]
    finally:
        service.stop()


def _ended(service: Service, call_id: str) -> dict[str, str] | None:
    call: dict[str, str] = service.get(f"/api/v1/calls/{call_id}").json
    return call if call["state"] == "ended" else None


def test_every_role_is_named_on_its_command_line(service: Service) -> None:
    pids = [service.pid_of(role) for role in ("calls", "recogniser", "web", "deliver")]
    assert len(set(pids)) == 4
    assert os.getpid() not in pids
