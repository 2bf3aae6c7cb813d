"""One process of the service: `python -m hotline.process ROLE`, started by the supervisor.

It holds its role's lock, so that a role never runs twice over one data folder, and ends when the supervisor ends.
"""

from __future__ import annotations

import ctypes
import fcntl
import importlib
import logging
import os
import signal
import sys
import threading
import time
from typing import IO

from config.settings import Settings
from hotline.errors import CannotListen
from hotline.logs import configure_logging
from hotline.read_settings import SettingsUnusable, read_settings

ROLES = {
    "calls": "hotline.processes.calls",
    "recogniser": "hotline.processes.recogniser",
    "web": "hotline.processes.web",
    "deliver": "hotline.processes.deliver",
}
EXIT_CONFIGURATION = 78
"EX_CONFIG of sysexits.h: starting again would not help."
PR_SET_PDEATHSIG = 1
LOCK_WAIT_SECONDS = 20.0
"Longer than the drain of a process whose supervisor was killed."


def main() -> None:
    """Run the role named by the only argument."""
    role = sys.argv[1]
    try:
        settings = read_settings()
    except SettingsUnusable as error:
        sys.exit(str(error))
    configure_logging(settings.log_format, role)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _end_with_the_supervisor(stop)
    settings.runtime_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = _lock(settings, role)
    try:
        importlib.import_module(ROLES[role]).run(settings, stop)
    except CannotListen as error:
        logging.getLogger("hotline").error("%s", error)
        sys.exit(EXIT_CONFIGURATION)
    finally:
        lock.close()


def _end_with_the_supervisor(stop: threading.Event) -> None:
    """A killed supervisor must not leave processes behind that hold the ports (prctl(2), Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1 and os.environ.get("HOTLINE_SUPERVISED"):
        stop.set()


def _lock(settings: Settings, role: str) -> IO[str]:
    """Wait for the role's lock; a process that goes away, however it does, gives it back."""
    lock = (settings.runtime_dir / f"{role}.lock").open("w")
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    told = False
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > deadline:
                logging.getLogger("hotline").error(
                    "another %s process works in %s; stop it, or choose another HOTLINE_DATA_DIR",
                    role,
                    settings.data_dir,
                )
                sys.exit(EXIT_CONFIGURATION)
            if not told:
                told = True
                logging.getLogger("hotline").warning("waiting for another %s process of this data folder to end", role)
            time.sleep(0.1)


if __name__ == "__main__":
    main()
