"""Looks at everything the service needs and says, for each, whether it is good and how to mend it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from config.sections import Address
from config.settings import Settings

FRESH_SECONDS = 10.0
"A status file is rewritten every second; one older than this was left by a process that is gone."


@dataclass(frozen=True)
class Check:
    """What was looked at, what was found, and what to do when it is not good."""

    name: str
    good: bool
    found: str
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Check]:
    """Make every check; one that breaks is a check that failed, not an end."""
    checks: tuple[tuple[str, Callable[[Settings], Iterator[Check]]], ...] = (
        *(("machine", _machine), ("data folder", _data_folder), ("city", _city), ("database", _database)),
        *(("case store", _case_store), ("recogniser", _recogniser), ("prompts", _prompts), ("ports", _ports)),
        ("trunks", _trunks),
    )
    for name, check in checks:
        try:
            yield from check(settings)
        except Exception as error:  # noqa: BLE001 - the outermost line of each check: the others are still made
            yield Check(name, False, f"{type(error).__name__}: {error}", "Mend what the message names and look again.")


def _machine(_: Settings) -> Iterator[Check]:
    version = platform.python_version()
    good = (3, 11) <= sys.version_info[:2] < (3, 14)
    yield Check("Python", good, version, "Use Python 3.11, 3.12 or 3.13.")
    glibc = platform.libc_ver()[0] == "glibc"
    remedy = "Vosk has wheels for Linux with glibc (Debian, Ubuntu, openEuler, ...)."
    yield Check("platform", glibc, f"{platform.system()} {platform.machine()}", remedy)


def _data_folder(settings: Settings) -> Iterator[Check]:
    folder = settings.data_dir.absolute()
    there = folder if folder.exists() else folder.parent
    remedy = "Give the folder to the service's account, or choose another with HOTLINE_DATA_DIR."
    yield Check("data folder", os.access(there, os.W_OK), str(folder), remedy)
    free = shutil.disk_usage(there).free
    good = free >= settings.storage.low_disk_bytes
    remedy = "Free disk space, or move HOTLINE_DATA_DIR to a larger disk; below full_disk_bytes calls are not recorded."
    yield Check("disk", good, f"{free / 1e9:.1f} GB free", remedy)


def _city(settings: Settings) -> Iterator[Check]:
    from config.city import load_city

    load_city(settings.city)
    yield Check("city data", True, settings.city)


def _database(settings: Settings) -> Iterator[Check]:
    from models.database import open_database
    from models.migration import is_current

    database = open_database(settings.database_url)
    try:
        with database.engine.connect() as connection:
            current = is_current(connection)
    finally:
        database.dispose()
    kind = settings.database_url.split(":", 1)[0]
    yield Check(
        "database", current, kind if current else f"{kind}, without the newest tables", "Run `hotline migrate`."
    )


def _case_store(settings: Settings) -> Iterator[Check]:
    from hotline.wiring import case_store

    store = case_store(settings)
    try:
        store.case("doctor")
    finally:
        store.close()
    yield Check("case store", True, settings.delivery.store)


def _recogniser(settings: Settings) -> Iterator[Check]:
    from asr.model_store import model_in_use
    from asr.self_test import hears

    folder = model_in_use(settings)
    remedy = "Run `hotline models verify NAME`; reinstall the model or `hotline models use bundled`."
    yield Check("recogniser", hears(folder), f"{folder.card().name}: a known recording was played to it", remedy)


def _prompts(settings: Settings) -> Iterator[Check]:
    from hotline.voice import say

    yield Check("voice", len(say("您好")) > 0, "prompts can be spoken")
    missing = [
        name for name in ("greeting", "not_recorded") if not (settings.prompts_dir / "zh" / f"{name}.wav").exists()
    ]
    found = "rendered" if not missing else "rendered at the first start"
    yield Check("prompts", True, found)


def _ports(settings: Settings) -> Iterator[Check]:
    status = _status(settings, "calls")
    remedy = "Stop the program that holds the port (`ss -lnp`), or choose another with {}."
    for name, bind, variable in (
        ("SIP port", settings.telephony.bind, "HOTLINE_TELEPHONY__BIND"),
        ("web port", settings.web.bind, "HOTLINE_WEB__BIND"),
    ):
        ours = bool(status)
        good = ours or _is_free(bind)
        yield Check(name, good, f"{bind} {'in use by this service' if ours else 'free' if good else 'taken'}",
                    remedy.format(variable))  # fmt: skip


def _trunks(settings: Settings) -> Iterator[Check]:
    for trunk in _status(settings, "calls").get("trunks", []):
        remedy = "Look at the registrar's address, user name and password in `telephony.trunks`."
        yield Check(f"trunk {trunk['name']}", bool(trunk["registered"]), str(trunk["detail"]), remedy)


def _status(settings: Settings, role: str) -> dict[str, list[dict[str, object]]]:
    try:
        status = json.loads((settings.runtime_dir / f"{role}.json").read_text(encoding="utf-8"))
        age = datetime.now(UTC) - datetime.fromisoformat(status["at"])
    except (OSError, ValueError, KeyError):
        return {}
    return status if age.total_seconds() < FRESH_SECONDS else {}


def _is_free(bind: Address) -> bool:
    family = socket.AF_INET6 if ":" in bind.host else socket.AF_INET
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(family, kind) as trial:
            if kind == socket.SOCK_STREAM:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((bind.host, bind.port))
            except OSError:
                return False
    return True
