"""Reads the settings and says in plain words what is wrong with them."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError

from config.settings import Settings


class SettingsUnusable(Exception):
    """The settings cannot be used; the sentences name each setting, what is wrong and where it may be set."""


def read_settings() -> Settings:
    """Return the settings; raises `SettingsUnusable`."""
    file = Path(os.environ.get("HOTLINE_CONFIG", "hotline.toml"))
    if "HOTLINE_CONFIG" in os.environ and not file.is_file():
        raise SettingsUnusable(f"The configuration file {file} does not exist. Mend the path or unset HOTLINE_CONFIG.")
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsUnusable("\n".join(_sentence(part) for part in error.errors())) from error
    except SettingsError as error:
        raise SettingsUnusable(f"The environment cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsUnusable(f"{file} is not valid TOML: {error}.") from error
    except OSError as error:
        raise SettingsUnusable(f"A file that the settings name cannot be read: {error}.") from error


def _sentence(error: ErrorDetails) -> str:
    name = ".".join(str(part) for part in error["loc"])
    variable = "HOTLINE_" + "__".join(str(part) for part in error["loc"]).upper()
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"Setting {name}: {message}. Set it in hotline.toml or as {variable}."
