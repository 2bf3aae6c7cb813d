"""Fixtures for every room, and the rule that in CI nothing is skipped for want of a tool."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hotline.voice import say
from tests.database_fixtures import *  # noqa: F403  (fixtures: `database`, `database_url`, `postgres_server`, ...)
from tests.service import Service

SKIPPED_FOR_WANT: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collect skips that name a missing tool."""
    if report.skipped and isinstance(report.longrepr, tuple) and "missing:" in report.longrepr[2]:
        SKIPPED_FOR_WANT.append(f"{report.nodeid}: {report.longrepr[2]}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a tool that is missing is a failure: `tests/install_tools` should have brought it."""
    if os.environ.get("CI") and SKIPPED_FOR_WANT and not hasattr(session.config, "workerinput"):
        print("\nskipped for want of a tool:\n" + "\n".join(SKIPPED_FOR_WANT))
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def speech() -> Callable[[str], bytes]:
    """Mandarin as 8 kHz 16-bit PCM by the machine voice that the bundled model knows."""
    return lambda text: say(text, 8000)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """The running service, stopped at the end; a failing test sees its log."""
    running = Service(tmp_path / "data").start()
    yield running
    if running.process is not None and running.process.poll() is None:
        running.stop()
