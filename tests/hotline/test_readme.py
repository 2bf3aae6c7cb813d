"""The README is true: its table is the settings', its commands exist."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from typer.main import get_command

from config import sections, settings
from hotline.cli import app

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_table_with_its_own_sentence() -> None:
    for name, info in settings.Settings.model_fields.items():
        part = info.annotation
        if not (inspect.isclass(part) and issubclass(part, sections.Part)):
            assert f"`HOTLINE_{name.upper()}`" in README, name
            continue
        for leaf, leaf_info in part.model_fields.items():
            row = next(
                (line for line in README.splitlines() if f"`HOTLINE_{name.upper()}__{leaf.upper()}`" in line), ""
            )
            assert row, f"HOTLINE_{name.upper()}__{leaf.upper()} is not in the README"
            assert (leaf_info.description or "no sentence in settings.py") in row


def test_every_command_is_in_the_table() -> None:
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert re.search(rf"`(hotline )?{name}\b", README), name
