"""Who may sign in, as what."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response

from intake import people
from intake.errors import IntakeError
from intake_api.console.language import mark
from intake_api.console.page import AdministratorPage, Page
from intake_api.needs import DatabaseNeeded, Now
from intake_api.security.passwords import PasswordUnfit, TooManySignIns, check_fit
from intake_api.security.rights import Role


def show_people(page: AdministratorPage, database: DatabaseNeeded) -> Response:
    """Show everybody."""
    return listed(page, database)


def add_person(
    page: AdministratorPage,
    database: DatabaseNeeded,
    now: Now,
    name: Annotated[str, Form()],
    role: Annotated[Role, Form()],
    password: Annotated[str, Form()],
) -> Response:
    """Let a person in, with a first password that they change themselves."""
    try:
        check_fit(password, name)
        password_hash = page.service.passwords.hash(password)
        language, by = page.service.settings.language, page.actor.name
        operator = people.add_operator(database, name, role, password_hash, by, at=now, language=language)
    except PasswordUnfit:
        error = page.say(mark("A password has 8 to 256 characters and is not the name."))
        return listed(page, database, 422, error, name)
    except TooManySignIns:
        return listed(page, database, 503, page.say(mark("Many people sign in just now: try again.")), name)
    except IntakeError as refused:
        return listed(page, database, 422, refused.sentence_zh if page.language == "zh" else refused.sentence, name)
    return page.go("/operators", "operator_added", operator.name)


def change_person(
    page: AdministratorPage,
    database: DatabaseNeeded,
    now: Now,
    operator_id: UUID,
    role: Annotated[Role | None, Form()] = None,
    active: Annotated[bool | None, Form()] = None,
    password: Annotated[str, Form()] = "",
) -> Response:
    """Change a role, let in or keep out, or set a new password; the last administrator stays one."""
    by = page.actor.name
    try:
        if password:
            check_fit(password, "")
            people.set_password(database, operator_id, page.service.passwords.hash(password), by, at=now)
        if role is not None:
            people.set_role(database, operator_id, role, by, at=now)
        if active is not None:
            people.set_active(database, operator_id, active, by, at=now)
    except PasswordUnfit:
        return listed(page, database, 422, page.say(mark("A password has 8 to 256 characters and is not the name.")))
    except IntakeError as refused:
        return listed(page, database, 409, refused.sentence_zh if page.language == "zh" else refused.sentence)
    return page.go("/operators", "saved")


def listed(page: Page, database: DatabaseNeeded, status: int = 200, error: str = "", name: str = "") -> Response:
    """Return the list with what was refused."""
    return page.show(
        "people.html",
        status,
        here="operators",
        operators=people.all_operators(database),
        roles=list(Role),
        error=error,
        name=name[:64],
    )
