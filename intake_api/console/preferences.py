"""Language and theme: a cookie of the browser, switched in place."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Response

from intake_api.console.language import as_language
from intake_api.console.page import LANGUAGE_COOKIE, THEME_COOKIE, YEAR_SECONDS, OpenPage, safe_path
from intake_api.needs import DatabaseNeeded
from models.tables import Operator


def choose_language(
    page: OpenPage, database: DatabaseNeeded, language: Annotated[str, Form()], back: Annotated[str, Form()] = "/"
) -> Response:
    """Speak another language from now on, on every browser of this person."""
    chosen = as_language(language, page.language)
    if page.viewer and page.viewer.operator_id:
        with database.session() as db:
            operator = db.get_one(Operator, page.viewer.operator_id)
            operator.language = chosen
            db.add(operator)
    response = page.go(safe_path(back))
    response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR_SECONDS, samesite="lax", httponly=True)
    return response


def choose_theme(page: OpenPage, theme: Annotated[str, Form()] = "", back: Annotated[str, Form()] = "/") -> Response:
    """Be light, dark or as the system; the cookie is read by `theme.js` before the first paint."""
    response = page.go(safe_path(back))
    if theme in ("light", "dark"):
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR_SECONDS, samesite="lax")
    else:
        response.delete_cookie(THEME_COOKIE, samesite="lax")
    return response
