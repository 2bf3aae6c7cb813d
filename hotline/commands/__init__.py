"""The commands. Their modules import the rooms they need only when they run: `hotline --help` must be quick."""

from __future__ import annotations

import sys
from typing import NoReturn

from config.settings import Settings
from hotline.read_settings import SettingsUnusable, read_settings


def stop_with(sentence: str, status: int = 1) -> NoReturn:
    """Say what is wrong on standard error and end."""
    print(sentence, file=sys.stderr)
    raise SystemExit(status)


def settings() -> Settings:
    """Return the settings, or end with a plain sentence."""
    try:
        return read_settings()
    except SettingsUnusable as error:
        stop_with(str(error), 78)
