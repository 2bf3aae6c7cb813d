"""How the service is, in words, and what it is set to do."""

from __future__ import annotations

from fastapi import Response

from config.city import load_city
from intake_api.console.page import AdministratorPage
from intake_api.health import checks
from intake_api.needs import Now
from intake_api.status_files import read_status


def show_system(page: AdministratorPage, now: Now) -> Response:
    """Show every check, the recogniser, the city's data, trunks and retention."""
    settings = page.service.settings
    return page.show(
        "system.html",
        here="system",
        checks=checks(page.service, now),
        settings=settings,
        city=load_city(settings.city),
        recogniser=read_status(settings, "recogniser"),
        telephony=read_status(settings, "calls"),
        database=page.service.database.engine.dialect.name,
    )
