"""What every page has: who looks at it, in which language and theme, and how it is answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from pydantic import BeforeValidator
from sqlalchemy.exc import SQLAlchemyError

from intake.decisions import waiting_decisions
from intake_api.console.banners import banners
from intake_api.console.flashes import flash_cookie, sentence
from intake_api.console.language import Language, as_language, mark, translations
from intake_api.console.templating import local_time, render
from intake_api.needs import Service, ServiceNeeded
from intake_api.problems import Problem, csrf_missing
from intake_api.security.actors import MaybeActor, actor_or_nobody, requires
from intake_api.security.csrf import FORM_FIELD, SAFE_METHODS, from_this_site
from intake_api.security.rights import Actor, Right

LANGUAGE_COOKIE: Final = "hotline_language"
THEME_COOKIE: Final = "hotline_theme"
FLASH_COOKIE: Final = "hotline_flash"
INSIDE: Final = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
"A path of ours: browsers drop tabs and line breaks and take a backslash for a slash (WHATWG URL)."
OptionalDay = Annotated[date | None, BeforeValidator(lambda text: text or None)]
"A day of a form, which may be left blank."
YEAR_SECONDS: Final = 31_536_000


@dataclass(frozen=True)
class Place:
    """A page of the main navigation."""

    name: str
    href: str
    label: str
    right: Right
    key: str = ""


NAVIGATION: Final = (
    Place("queue", "/", mark("Queue"), Right.READ, "g q"),
    Place("tickets", "/tickets", mark("Tickets"), Right.READ, "g t"),
    Place("decisions", "/decisions", mark("Decisions"), Right.SUPERVISE, "g e"),
    Place("quality", "/quality", mark("Quality"), Right.SUPERVISE, "g k"),
    Place("dashboard", "/dashboard", mark("Dashboard"), Right.SUPERVISE, "g d"),
    Place("audit", "/audit", mark("Audit log"), Right.SUPERVISE, "g l"),
    Place("operators", "/operators", mark("People"), Right.ADMINISTER, "g p"),
    Place("tokens", "/tokens", mark("Tokens"), Right.ADMINISTER, ""),
    Place("system", "/system", mark("System"), Right.ADMINISTER, "g s"),
)


@dataclass(frozen=True)
class Page:
    """A request for a page, with who asks for it (None before sign-in)."""

    request: Request
    service: Service
    viewer: Actor | None

    @cached_property
    def language(self) -> Language:
        """The browser's choice, else the person's, else the service's."""
        settings_language = self.service.settings.language
        personal = as_language(self.viewer.language if self.viewer else None, settings_language)
        return as_language(self.request.cookies.get(LANGUAGE_COOKIE), personal)

    @cached_property
    def actor(self) -> Actor:
        """Who asks, on pages that nobody sees before sign-in."""
        if self.viewer is None:
            raise RuntimeError("a page for signed-in people was shown to nobody")
        return self.viewer

    def say(self, message: str, /, **values: Any) -> str:
        """Return a message in the reader's language."""
        text = translations(self.language).gettext(message)
        return text % values if values else text

    def show(self, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
        """Answer with a whole page, or with a part of one (`parts/...`)."""
        is_whole = not template.startswith("parts/") or template == "parts/banner.html"
        response = HTMLResponse(render(self.language, template, self._frame(is_whole) | values), status)
        if FLASH_COOKIE in self.request.cookies and not template.startswith("parts/"):
            response.delete_cookie(FLASH_COOKIE)
        return response

    def part(self, template: str, /, **values: Any) -> str:
        """Return the markup of a part that a script puts into a page that is there."""
        return render(self.language, template, self._frame(is_whole=False) | values)

    def go(self, address: str, flash: str = "", what: str = "") -> RedirectResponse:
        """Answer a form with the next page; `flash` names a sentence that is shown there once."""
        response = RedirectResponse(address, 303)
        if flash:
            cookie = flash_cookie(flash, what)
            secure = self.service.cookies_are_secure
            response.set_cookie(FLASH_COOKIE, cookie, max_age=60, httponly=True, secure=secure, samesite="lax")
        return response

    def _waiting(self) -> dict[str, int]:
        """Return how much waits behind each place of the navigation: decisions, for those who make them."""
        if self.viewer is None or not self.viewer.may(Right.SUPERVISE):
            return {}
        try:
            with self.service.database.reading() as db:
                return {"decisions": waiting_decisions(db)}
        except SQLAlchemyError:
            return {}  # the page may be the one that tells that the database is away

    def _frame(self, is_whole: bool) -> dict[str, Any]:
        """Return what every template may say; what only a whole page says is looked up for one alone."""
        zone = ZoneInfo(self.service.settings.time_zone)
        now = self.service.clock()
        csrf_token = self.viewer.csrf_token if self.viewer else ""
        hidden = Markup('<input type="hidden" name="{}" value="{}">').format(FORM_FIELD, csrf_token)
        return {
            "product": self.say(mark("12345 voice intake")),
            "language": self.language,
            "theme": chosen_theme(self.request),
            "viewer": self.viewer,
            "rights": Right,
            "navigation": [p for p in NAVIGATION if self.viewer and self.viewer.may(p.right)],
            "waiting": self._waiting() if is_whole else {},
            "here": "",
            "back": here(self.request),
            "nonce": getattr(self.request.state, "csp_nonce", ""),
            "csrf_token": csrf_token,
            "csrf": lambda: hidden,
            "flash": sentence(self.request.cookies.get(FLASH_COOKIE, ""), self.language),
            "banners": banners(self.service, self.language, self.viewer) if self.viewer and is_whole else [],
            "now": now,
            "when": lambda moment: local_time(moment, zone, now) if moment else "",
        }


def chosen_theme(request: Request) -> str:
    """Return light, dark or, for the system's, nothing."""
    theme = request.cookies.get(THEME_COOKIE, "")
    return theme if theme in ("light", "dark") else ""


def here(request: Request) -> str:
    """Return the page's own address, for forms that lead back to it."""
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query


def safe_path(address: str) -> str:
    """Return an address on this site, or the queue: never lead to another site."""
    return address if INSIDE.fullmatch(address) else "/"


def page_for(right: Right) -> Callable[..., Page]:
    """Return the dependency of pages that need a right."""

    permitted = Depends(requires(right))

    def page(request: Request, service: ServiceNeeded, actor: Actor = permitted) -> Page:
        return Page(request, service, actor)

    return page


def open_page(request: Request, service: ServiceNeeded, actor: MaybeActor) -> Page:
    """A page that is open to everybody; forms on it are refused when another site sends them."""
    if request.method not in SAFE_METHODS and not from_this_site(request):
        raise csrf_missing()
    return Page(request, service, actor)


OpenPage = Annotated[Page, Depends(open_page)]
ReaderPage = Annotated[Page, Depends(page_for(Right.READ))]
OperatorPage = Annotated[Page, Depends(page_for(Right.OPERATE))]
SupervisorPage = Annotated[Page, Depends(page_for(Right.SUPERVISE))]
AdministratorPage = Annotated[Page, Depends(page_for(Right.ADMINISTER))]


def problem_page(request: Request, problem: Problem) -> Response:
    """Answer a browser with a problem in its language; nobody is led to sign-in and from there onward."""
    service: Service = request.app.state.service
    if problem.status == 401:
        onward = here(request) if request.method in SAFE_METHODS else "/"
        return RedirectResponse(f"/sign-in?next={quote(onward)}", 303)
    try:
        viewer = actor_or_nobody(request, service, service.clock())
    except SQLAlchemyError:
        viewer = None  # the problem may be that the database is away
    page = Page(request, service, viewer)
    text = problem.detail_zh if page.language == "zh" else problem.detail
    request_id = str(problem.members.get("request_id", ""))
    return page.show("problem.html", int(problem.status), problem=text, code=int(problem.status), request_id=request_id)
