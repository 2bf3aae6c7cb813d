"""Keys of programs: shown once, revocable."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response

from intake_api.console.page import AdministratorPage
from intake_api.needs import DatabaseNeeded, Now
from intake_api.security import api_tokens
from intake_api.security.rights import Scope


def show_tokens(page: AdministratorPage, database: DatabaseNeeded) -> Response:
    """Show every token, never its secret."""
    return page.show(
        "tokens.html", here="tokens", tokens=api_tokens.all_tokens(database), scopes=list(Scope), secret=""
    )


def create_token(
    page: AdministratorPage,
    database: DatabaseNeeded,
    now: Now,
    scope: Annotated[Scope, Form()],
    name: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Make a token; this answer is the only one that shows it."""
    _, secret = api_tokens.create_token(database, scope, name.strip(), page.actor.name, now)
    return page.show(
        "tokens.html", here="tokens", tokens=api_tokens.all_tokens(database), scopes=list(Scope), secret=secret
    )


def revoke_token(page: AdministratorPage, database: DatabaseNeeded, now: Now, token_id: UUID) -> Response:
    """End a token at once and for good."""
    api_tokens.revoke_token(database, token_id, page.actor.name, now)
    return page.go("/tokens", "token_revoked")
