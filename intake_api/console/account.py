"""One's own account: password, and the browsers where one is signed in."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Form, Response

from intake import people
from intake_api.console.language import mark
from intake_api.console.page import Page, ReaderPage
from intake_api.needs import DatabaseNeeded, Now, Reading
from intake_api.problems import not_found
from intake_api.security import web_session
from intake_api.security.cookies import SESSION, forget_cookie
from intake_api.security.passwords import PasswordUnfit, check_fit
from models.tables import Operator

BROWSERS: Final = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
"Every Chrome says that it is a Safari too, and every Edge that it is a Chrome: the order decides."
SYSTEMS: Final = (
    *(("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad")),
    *(("Mac OS X", "macOS"), ("Linux", "Linux")),
)


def show_account(page: ReaderPage, database: DatabaseNeeded, now: Now) -> Response:
    """Show where I am signed in."""
    return shown(page, database, now)


def change_password(
    page: ReaderPage,
    database: DatabaseNeeded,
    db: Reading,
    now: Now,
    old: Annotated[str, Form()],
    new: Annotated[str, Form()],
) -> Response:
    """Set a new password for who knows the old one; every session ends, this one too."""
    operator = db.get(Operator, page.actor.operator_id) if page.actor.operator_id else None
    if operator is None:
        raise not_found("account", "账号")
    passwords = page.service.passwords
    if not passwords.verify(old, operator.password_hash):
        return shown(page, database, now, 422, page.say(mark("The present password is wrong.")))
    try:
        check_fit(new, operator.name)
    except PasswordUnfit:
        error = page.say(mark("A password has 8 to 256 characters and is not the name."))
        return shown(page, database, now, 422, error)
    people.set_password(database, operator.id, passwords.hash(new), operator.name, at=now)
    return _out(page, "password_changed")


def sign_out_everywhere(page: ReaderPage, database: DatabaseNeeded) -> Response:
    """End all my sessions."""
    if page.actor.operator_id:
        web_session.sign_out_everywhere(database, page.actor.operator_id)
    return _out(page, "signed_out_everywhere")


def shown(page: Page, database: DatabaseNeeded, now: Now, status: int = 200, error: str = "") -> Response:
    """Return the page with what was refused."""
    own = page.actor.operator_id
    sessions = web_session.sessions_of(database, own, now) if own else []
    return page.show("account.html", status, sessions=sessions, browser=browser_words, error=error)


def browser_words(user_agent: str) -> str:
    """Return a browser's name and system, `Firefox · Windows`; what is not known is left as it is."""
    browser = next((name for mark_, name in BROWSERS if mark_ in user_agent), "")
    system = next((name for mark_, name in SYSTEMS if mark_ in user_agent), "")
    return " · ".join(filter(None, (browser, system))) or user_agent or "—"


def _out(page: Page, flash: str) -> Response:
    response = page.go("/sign-in", flash)
    forget_cookie(response, page.service, SESSION)
    return response
