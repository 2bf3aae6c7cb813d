"""`hotline serve`: the service, in the foreground."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Annotated

import typer

from config.settings import Settings
from hotline.commands import settings, stop_with
from hotline.supervisor import Supervisor

ROLES = ("calls", "recogniser", "web", "deliver")


def serve(
    roles: Annotated[str, typer.Option(help="Which processes to run here, divided by commas.")] = ",".join(ROLES),
    telephony_bind: Annotated[str | None, typer.Option(help="HOST:PORT for SIP, UDP and TCP.")] = None,
    web_bind: Annotated[str | None, typer.Option(help="HOST:PORT for the console and the API.")] = None,
) -> None:
    """Answer calls, hear them, keep drafts and deliver tickets, until SIGTERM or Ctrl-C."""
    for name, value in (("HOTLINE_TELEPHONY__BIND", telephony_bind), ("HOTLINE_WEB__BIND", web_bind)):
        if value is not None:
            os.environ[name] = value
    chosen = [role.strip() for role in roles.split(",") if role.strip()]
    if unknown := set(chosen) - set(ROLES):
        stop_with(f"There is no role {', '.join(sorted(unknown))}. The roles are {', '.join(ROLES)}.", 2)
    raise SystemExit(_serve(settings(), chosen))


def _serve(found: Settings, roles: list[str]) -> int:
    from hotline.logs import configure_logging

    configure_logging(found.log_format, "serve")
    _make_data_folder(found)
    os.environ["HOTLINE_DATA_DIR"] = str(found.data_dir.absolute())
    os.environ["HOTLINE_ROLES"] = ",".join(roles)
    supervisor = Supervisor(roles, found.telephony.drain_seconds)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stop.set())
    threading.Thread(target=_welcome, args=(found, roles, supervisor), daemon=True).start()
    status = supervisor.run()
    if supervisor.failure:
        stop_with(f"Stopped: {supervisor.failure}; the line above says why.", status)
    return status


def _make_data_folder(found: Settings) -> None:
    try:
        for folder in (found.data_dir, found.spool_dir, found.runtime_dir):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        stop_with(f"The data folder cannot be used: {error}. Choose another with HOTLINE_DATA_DIR.", 78)


def _welcome(found: Settings, roles: list[str], supervisor: Supervisor) -> None:
    """Once everything answers, tell a newcomer what to dial and where to look."""
    from hotline.welcome import is_up, prepare, welcome

    prepare(roles)
    deadline = time.monotonic() + 60
    while not supervisor.stop.is_set() and time.monotonic() < deadline:
        if is_up(found, roles, supervisor.pids()):
            print(welcome(found, roles), flush=True)
            return
        supervisor.stop.wait(0.05)
