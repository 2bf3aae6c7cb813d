"""Jinja2, once for each language; every value is escaped."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from intake.masking import mask_number
from intake_api.console.labels import label
from intake_api.console.language import Language, translations
from intake_api.console.static_files import static_url

TEMPLATES_DIR: Final = Path(__file__).parent / "templates"


@cache
def environment(language: Language) -> Environment:
    """Return the environment that speaks a language."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES_DIR),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = translations(language)
    made.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    made.globals["static"] = static_url
    made.filters["masked"] = mask_number
    made.filters["clock"] = clock
    made.filters["percent"] = lambda value: f"{round(100 * (value or 0))} %"
    made.filters["said"] = lambda key, kind: catalogue.gettext(label(kind, key))
    return made


def clock(seconds: float | None) -> str:
    """Return minutes and seconds of a recording, `3:07`."""
    whole = int(seconds or 0)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def local_time(moment: datetime, zone: ZoneInfo, now: datetime) -> Markup:
    """Return `<time>` in the hotline's zone, 24 hours; the date is shown when it is not today."""
    local = moment.astimezone(zone)
    today = local.date() == now.astimezone(zone).date()
    shown = local.strftime("%H:%M:%S") if today else local.strftime("%Y-%m-%d %H:%M")
    return Markup('<time datetime="{}" title="{}" class="num nowrap">{}</time>').format(
        moment.isoformat(), local.strftime("%Y-%m-%d %H:%M:%S %z"), shown
    )


def render(language: Language, template: str, values: dict[str, Any]) -> str:
    """Return a template filled in."""
    return environment(language).get_template(template).render(values)
