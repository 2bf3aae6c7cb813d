"""The recogniser's models as `hotline models` sees them, asked in a process of its own.

Loading a model on trial may end the process that does it (Kaldi aborts), and pages know no decoder.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import Settings
from intake_api.console.language import mark

LONGEST_LISTING_SECONDS = 30.0
LONGEST_TRIAL_SECONDS = 300.0
"A large model is loaded from a slow disk in two minutes."


class ModelRefused(Exception):
    """What was asked is not done: a message of ours with its values, or the command's own plain sentence."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


@dataclass(frozen=True)
class Model:
    """A model's card, and whether it is here and chosen."""

    name: str
    language: str
    licence: str
    good_for_zh: str
    good_for_en: str
    published_error: str
    size_bytes: int
    unpacked_bytes: int
    installed: bool
    in_use: bool


def installed_models(settings: Settings) -> list[Model]:
    """Return every known model; raises `ModelRefused`."""
    rows = json.loads(run_hotline(settings, "models", "list", "--json", seconds=LONGEST_LISTING_SECONDS))
    return [Model(**{name: row[name] for name in Model.__dataclass_fields__}) for row in rows]


def use_model(settings: Settings, name: str) -> None:
    """Choose an installed model for the recogniser's next start, after loading it once; raises `ModelRefused`."""
    run_hotline(settings, "models", "use", name, seconds=LONGEST_TRIAL_SECONDS)


def run_hotline(settings: Settings, *arguments: str, seconds: float, niced: bool = False) -> str:
    """Return what a command prints; raises `ModelRefused` with its last line when it fails."""
    nice = [found, "-n", "19"] if niced and (found := shutil.which("nice")) else []
    command = [*nice, sys.executable, "-m", "hotline", *arguments]
    environment = os.environ | {"HOTLINE_DATA_DIR": str(settings.data_dir.absolute())}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise ModelRefused(mark("It took longer than %(seconds)s s and was ended."), seconds=round(seconds)) from None
    if done.returncode:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise ModelRefused(lines[-1] if lines else mark("The command failed without a word."))
    return done.stdout


def restart_recogniser(status: Any) -> bool:
    """End the recogniser that wrote a status; the supervisor starts it anew, and no word is lost. False when the
    process is not ours."""
    pid = status.get("pid")
    if not isinstance(pid, int) or pid <= 1:
        return False
    try:
        told = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"recogniser" not in told or os.getpid() == pid:
            return False
        os.kill(pid, signal.SIGTERM)
    except OSError:
        return False
    return True
