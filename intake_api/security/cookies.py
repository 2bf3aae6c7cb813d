"""The cookies: HttpOnly, SameSite=Lax, and `__Host-` with Secure when browsers come by https."""

from __future__ import annotations

from fastapi import Request, Response

from intake_api.needs import Service
from intake_api.security.web_session import BROWSER_KNOWN_FOR, Cookies

SESSION = "hotline_session"
BROWSER = "hotline_browser"
WELCOME = "hotline_welcome"
WELCOME_SECONDS = 3600


def cookie_name(service: Service, name: str) -> str:
    """Return the name on the wire: `__Host-` keeps other hosts of the domain from setting it (RFC 6265bis 4.1.3.2)."""
    return f"__Host-{name}" if service.cookies_are_secure else name


def read_cookie(request: Request, service: Service, name: str) -> str | None:
    """Return one of our cookies."""
    return request.cookies.get(cookie_name(service, name)) or None


def set_cookie(response: Response, service: Service, name: str, value: str, seconds: int) -> None:
    """Give the browser one of our cookies.

    Lax, not Strict: a link in the city's chat must open a draft without a second sign-in; changes need a CSRF token.
    """
    response.set_cookie(
        cookie_name(service, name),
        value,
        max_age=seconds,
        path="/",
        secure=service.cookies_are_secure,
        httponly=True,
        samesite="lax",
    )


def forget_cookie(response: Response, service: Service, name: str) -> None:
    """Take one of our cookies back."""
    response.delete_cookie(
        cookie_name(service, name), path="/", secure=service.cookies_are_secure, httponly=True, samesite="lax"
    )


def set_sign_in_cookies(response: Response, service: Service, cookies: Cookies) -> None:
    """Give the browser its session, and what it is known by at the next sign-in."""
    set_cookie(response, service, SESSION, cookies.session, int(service.settings.web.session_hours * 3600))
    set_cookie(response, service, BROWSER, cookies.browser, int(BROWSER_KNOWN_FOR.total_seconds()))
