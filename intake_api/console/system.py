"""How the service is, in words, and what it is set to do."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Response

from config.city import load_city
from intake_api.console.language import mark
from intake_api.console.page import AdministratorPage, Page
from intake_api.health import checks
from intake_api.needs import Now
from intake_api.status_files import FRESH, age_of, read_status

KEPT: Final = (
    (mark("Recordings"), "storage", "keep_recordings_days", mark("Sound of finished calls; words and tickets stay.")),
    (mark("Calls' folders"), "storage", "keep_spool_days", mark("The spool with the SIP messages of each call.")),
    (mark("Sign-ins"), "web", "session_hours", mark("How long a browser stays signed in.")),
    (
        mark("Claims"),
        "web",
        "lease_seconds",
        mark("How long a claimed draft stays with who shows no sign of life."),
    ),
    (mark("Warning of a full disk"), "storage", "low_disk_bytes", mark("Free space below which we warn.")),
    (
        mark("No recording below"),
        "storage",
        "full_disk_bytes",
        mark("Free space below which nothing is recorded."),
    ),
)
"What is kept how long: name, section and setting, and what it means."
ALWAYS: Final = (
    (mark("Tickets, words and drafts"), mark("are kept; who must remove some asks the database's keeper.")),
    (mark("Audit log"), mark("is kept for good.")),
    (mark("Live news for consoles"), mark("one day.")),
)


def show_system(page: AdministratorPage, now: Now) -> Response:
    """Show every check, the recogniser, the city's data, trunks and retention."""
    settings = page.service.settings
    return page.show(
        "system.html",
        here="system",
        tab="health",
        checks=checks(page.service, now),
        settings=settings,
        city=load_city(settings.city),
        recogniser=read_status(settings, "recogniser"),
        telephony=read_status(settings, "calls"),
        database=page.service.database.engine.dialect.name,
    )


def show_trunks(page: AdministratorPage, now: Now) -> Response:
    """Show each trunk's state and the last that was heard of it, in the engine's words."""
    settings = page.service.settings
    status = read_status(settings, "calls")
    age = age_of(status, now)
    return page.show(
        "trunks.html",
        here="system",
        tab="trunks",
        settings=settings.telephony,
        states={trunk["name"]: trunk for trunk in status.get("trunks", [])},
        calls=status.get("calls", 0),
        engine=status.get("engine", settings.telephony.engine),
        is_fresh=age is not None and age < FRESH,
        refused=refusals(status.get("metrics", {})),
    )


def refusals(metrics: dict[str, Any]) -> list[tuple[str, int]]:
    """Return what was turned away since the start, by the engine's name for the reason."""
    found = [(name, value) for name, value in metrics.items() if "refused" in name and isinstance(value, int | float)]
    return [(name, int(value)) for name, value in sorted(found) if value]


def show_keeping(page: AdministratorPage) -> Response:
    """Show what is kept how long, and which setting says so: settings are a file, read at start."""
    settings = page.service.settings
    kept = []
    for name, section, setting, meaning in KEPT:
        part = getattr(settings, section)
        is_set = setting in part.model_fields_set
        kept.append((name, with_unit(page, setting, getattr(part, setting)), f"{section}.{setting}", meaning, is_set))
    return page.show("keeping.html", here="system", tab="keeping", kept=kept, always=ALWAYS, settings=settings)


def with_unit(page: Page, setting: str, value: float) -> str:
    """Return a value with the unit that the setting's name ends in."""
    if setting.endswith("_bytes"):
        return f"{value / 1e9:g} GB"
    if setting.endswith("_days"):
        return page.say("%(days)s days", days=value)
    return page.say("%(hours)s hours", hours=f"{value:g}") if setting.endswith("_hours") else f"{value:g} s"
