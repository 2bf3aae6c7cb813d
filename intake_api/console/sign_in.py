"""Signing in and out."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Form, Response

from intake_api.console.language import mark
from intake_api.console.page import OpenPage, Page, ReaderPage, safe_path
from intake_api.needs import DatabaseNeeded, Now
from intake_api.security import sign_in as door
from intake_api.security.cookies import BROWSER, SESSION, forget_cookie, read_cookie, set_sign_in_cookies
from intake_api.security.guard import Locked
from intake_api.security.passwords import TooManySignIns
from intake_api.security.web_session import end_session


def show_sign_in(page: OpenPage, next: str = "/") -> Response:
    """Ask for name and password."""
    return page.show("sign_in.html", next=safe_path(next), name="", error="")


def sign_in(
    page: OpenPage,
    database: DatabaseNeeded,
    now: Now,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Open a session and go where the person wanted to; what is wrong is said without telling which names exist."""
    service = page.service
    source = page.request.client.host if page.request.client else ""
    browser = read_cookie(page.request, service, BROWSER)
    attempt = door.Attempt(name, password, source, browser, page.request.headers.get("user-agent", ""))
    lasts = timedelta(hours=service.settings.web.session_hours)
    try:
        cookies = door.sign_in(database, service.passwords, attempt, now, lasts)
    except door.WrongPassword:
        return _refused(page, 401, page.say(mark("Name or password is wrong.")), name, next)
    except Locked as locked:
        minutes = -(-locked.seconds // 60)
        error = page.say(mark("Too many wrong passwords: try again in %(minutes)s minutes."), minutes=minutes)
        return _refused(page, 429, error, name, next)
    except TooManySignIns:
        return _refused(page, 503, page.say(mark("Many people sign in just now: try again.")), name, next)
    response = page.go(safe_path(next))
    set_sign_in_cookies(response, service, cookies)
    return response


def sign_out(page: ReaderPage, database: DatabaseNeeded) -> Response:
    """End this browser's session."""
    if page.actor.session_hash:
        end_session(database, page.actor.session_hash)
    response = page.go("/sign-in")
    forget_cookie(response, page.service, SESSION)
    return response


def _refused(page: Page, status: int, error: str, name: str, onward: str) -> Response:
    return page.show("sign_in.html", status, next=safe_path(onward), name=name[: door.LONGEST_NAME], error=error)
