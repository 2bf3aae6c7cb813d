"""Which model hears the calls, how well this machine can, and choosing another."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

from fastapi import Form, Response

from intake.audit import note_act
from intake_api.console import load_test
from intake_api.console.language import mark
from intake_api.console.model_commands import Model, ModelRefused, installed_models, restart_recogniser, use_model
from intake_api.console.page import AdministratorPage, Page
from intake_api.needs import DatabaseNeeded, Now
from intake_api.status_files import read_status

GIVEN_UP: Final = timedelta(seconds=load_test.LONGEST_SECONDS + 60)
"A test that began longer ago was cut off with the process that ran it."


def show_recogniser(page: AdministratorPage, now: Now) -> Response:
    """Show the model in use with its card, the others, and the last load test."""
    return shown(page, now)


def shown(page: Page, now: datetime, status: int = 200, error: str = "") -> Response:
    """Return the page with what was refused."""
    settings = page.service.settings
    try:
        models = installed_models(settings)
    except ModelRefused as refused:
        models, error = [], error or page.say(refused.message, **refused.values)
    test = load_test.last_test(settings)
    return page.show(
        "recogniser.html",
        status,
        here="system",
        tab="recogniser",
        models=models,
        fixed=settings.asr.model if "model" in settings.asr.model_fields_set else "",
        recogniser=read_status(settings, "recogniser"),
        test=test,
        tested_at=datetime.fromisoformat(test.at) if test else None,
        running=is_running(test, now),
        headroom=round(100 * (1 - load_test.HEADROOM)),
        error=error,
    )


def is_running(test: load_test.LoadTest | None, now: datetime) -> bool:
    """Whether a test is under way."""
    return test is not None and test.state == "running" and now - datetime.fromisoformat(test.at) < GIVEN_UP


def choose(page: AdministratorPage, database: DatabaseNeeded, now: Now, name: Annotated[str, Form()]) -> Response:
    """Use another model from the recogniser's next start on, after loading it once on trial."""
    settings = page.service.settings
    try:
        known = _installed(page, name)
        use_model(settings, known.name)
    except ModelRefused as refused:
        return shown(page, now, 422, page.say(refused.message, **refused.values))
    note_act(database, page.actor.name, "model_chosen", f"model:{name}", at=now)
    return page.go("/system/recogniser", "model_chosen", name)


def restart(page: AdministratorPage, database: DatabaseNeeded, now: Now) -> Response:
    """Let the recogniser start anew with the chosen model; it goes on at each call's last word."""
    if not restart_recogniser(read_status(page.service.settings, "recogniser")):
        return shown(page, now, 409, page.say(mark("The recogniser runs elsewhere: restart the service there.")))
    note_act(database, page.actor.name, "recogniser_restarted", "recogniser", at=now)
    return page.go("/system/recogniser", "recogniser_restarted")


def test_load(page: AdministratorPage, database: DatabaseNeeded, now: Now, name: Annotated[str, Form()]) -> Response:
    """Measure in the background how many calls this machine can hear with a model."""
    settings = page.service.settings
    if is_running(load_test.last_test(settings), now):
        return page.go("/system/recogniser", "load_test")
    try:
        load_test.start(settings, _installed(page, name), load_test.speeches_of(settings))
    except ModelRefused as refused:
        return shown(page, now, 422, page.say(refused.message, **refused.values))
    note_act(database, page.actor.name, "load_test_started", f"model:{name}", at=now)
    return page.go("/system/recogniser", "load_test")


def _installed(page: Page, name: str) -> Model:
    """Return a model that is here; a name from a form must never be taken for a folder."""
    for model in installed_models(page.service.settings):
        if model.name == name and Path(name).name == name and (model.installed or name == "bundled"):
            return model
    raise ModelRefused(mark("This model is not installed: %(name)s."), name=name[:80])
