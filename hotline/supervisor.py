"""Starts the processes of the service, starts again what dies, and ends them in order."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from hotline.process import EXIT_CONFIGURATION

logger = logging.getLogger(__name__)

ENDS_LAST = {"recogniser", "deliver", "web"}
"They outlive the calls, so that the last words are heard and kept."
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
STEADY_SECONDS = 10.0
"A process that lived this long is started again at once when it dies."
STARTS_LATER = {"deliver": 1.5}
"Seconds: nobody waits for it, and on two cores the first call and the first page come sooner."
REST_SECONDS = 3.0
"What the other processes have to end in, after the calls."


@dataclass
class Child:
    """One process and when it may be started again."""

    role: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float = 0.0
    pause: float = FIRST_PAUSE
    restarts: int = 0


@dataclass
class Supervisor:
    """Keeps `roles` running until `stop`."""

    roles: Sequence[str]
    drain_seconds: float
    stop: threading.Event = field(default_factory=threading.Event)
    failure: str = ""

    def __post_init__(self) -> None:
        now = time.monotonic()
        self._children = [Child(role, start_at=now + STARTS_LATER.get(role, 0.0)) for role in self.roles]

    def run(self) -> int:
        """Start everything, watch it until `stop` is set, end it; return the exit status."""
        while not self.stop.is_set():
            for child in self._children:
                self._look_after(child)
            self.stop.wait(0.05)
        self._end()
        return EXIT_CONFIGURATION if self.failure else 0

    def pids(self) -> dict[str, int]:
        """Return the process id of every role that runs."""
        return {child.role: child.process.pid for child in self._children if child.process}

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is not None and (status := child.process.poll()) is not None:
            self._note_death(child, status, now)
        if child.process is None and now >= child.start_at and not self.stop.is_set():
            child.process = start_process(child.role)
            child.started = now

    def _note_death(self, child: Child, status: int, now: float) -> None:
        child.process = None
        if status == EXIT_CONFIGURATION and not child.restarts:
            self.failure = f"the {child.role} process cannot start"
            self.stop.set()
            return
        steady = now - child.started > STEADY_SECONDS
        child.pause = FIRST_PAUSE if steady else min(child.pause * 2, LONGEST_PAUSE)
        child.start_at = now + child.pause
        child.restarts += 1
        logger.error("the %s process ended (%s); starting it again in %.1f s", child.role, status, child.pause)

    def _end(self) -> None:
        """First the calls, which may drain; then those who hear and keep what was said last."""
        self._end_group([child for child in self._children if child.role not in ENDS_LAST], self.drain_seconds + 2)
        self._end_group([child for child in self._children if child.role in ENDS_LAST], REST_SECONDS)

    @staticmethod
    def _end_group(children: Sequence[Child], seconds: float) -> None:
        running = [child.process for child in children if child.process and child.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def start_process(role: str) -> subprocess.Popen[bytes]:
    """Start a role in a session of its own: Ctrl-C reaches the supervisor alone, which ends things in order."""
    environment = os.environ | {"HOTLINE_SUPERVISED": "1"}
    return subprocess.Popen([sys.executable, "-m", "hotline.process", role], env=environment, start_new_session=True)
