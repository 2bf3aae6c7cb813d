"""The first sign-in: the link printed at first start lets one person become the first administrator."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Form, Response

from intake_api.console.language import mark
from intake_api.console.page import OpenPage, Page
from intake_api.needs import DatabaseNeeded, Now
from intake_api.security import sign_in, sign_in_link, web_session
from intake_api.security.cookies import (
    WELCOME,
    WELCOME_SECONDS,
    forget_cookie,
    read_cookie,
    set_cookie,
    set_sign_in_cookies,
)
from intake_api.security.passwords import PasswordUnfit, TooManySignIns, check_fit


def show_welcome(page: OpenPage, database: DatabaseNeeded, now: Now, token: str = "") -> Response:
    """Take the secret out of the address into a cookie, then ask for a name and a password."""
    if token:
        response = page.go(sign_in_link.PATH)
        set_cookie(response, page.service, WELCOME, token, WELCOME_SECONDS)
        return response
    secret = read_cookie(page.request, page.service, WELCOME)
    if not secret or not sign_in_link.link_is_good(database, secret, now):
        return _spent(page)
    return page.show("welcome.html", spent=False, error="", name="")


def create_first_administrator(
    page: OpenPage,
    database: DatabaseNeeded,
    now: Now,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Make the account, spend the link and sign the person in."""
    secret = read_cookie(page.request, page.service, WELCOME) or ""
    if not sign_in_link.link_is_good(database, secret, now):
        return _spent(page)
    name = name.strip()
    if error := _unfit(page, name, password):
        return page.show("welcome.html", 422, spent=False, error=error, name=name[: sign_in.LONGEST_NAME])
    try:
        password_hash = page.service.passwords.hash(password)
        operator = sign_in_link.use_link(database, secret, name, password_hash, now, page.language)
    except TooManySignIns:
        error = page.say(mark("Many people sign in just now: try again."))
        return page.show("welcome.html", 503, spent=False, error=error, name=name)
    except sign_in_link.LinkSpent:
        return _spent(page)
    lasts = timedelta(hours=page.service.settings.web.session_hours)
    agent = page.request.headers.get("user-agent", "")
    with database.session() as db:
        cookies = web_session.open_session(db, operator, agent, now, lasts)
    response = page.go("/")
    set_sign_in_cookies(response, page.service, cookies)
    forget_cookie(response, page.service, WELCOME)
    return response


def _spent(page: Page) -> Response:
    return page.show("welcome.html", 410, spent=True, error="", name="")


def _unfit(page: Page, name: str, password: str) -> str:
    if not 0 < len(name) <= sign_in.LONGEST_NAME:
        return page.say(mark("A name has 1 to 64 characters."))
    try:
        check_fit(password, name)
    except PasswordUnfit:
        return page.say(mark("A password has 8 to 256 characters and is not the name."))
    return ""
