"""Programs' tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from intake_api.needs import DatabaseNeeded, Now, Reading
from intake_api.problems import not_found
from intake_api.security.actors import Administering
from intake_api.security.api_tokens import create_token, revoke_token
from intake_api.security.rights import Scope
from intake_api.wire.page import Cursor, Limit, Page, read_page
from models.tables import ApiToken

router = APIRouter(prefix="/tokens", tags=["tokens"])


class TokenOut(BaseModel):
    """A token without its secret."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    scope: Scope
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class NewToken(BaseModel):
    """What a token is for."""

    model_config = ConfigDict(extra="forbid")

    scope: Scope
    name: Annotated[str, Field(max_length=64, examples=["city dashboard"])] = ""


class CreatedToken(TokenOut):
    """A token with its secret, shown this once."""

    token: str


@router.get("")
def list_tokens(db: Reading, _actor: Administering, limit: Limit = 50, cursor: Cursor = None) -> Page[TokenOut]:
    """Tokens, revoked ones too, the newest first."""
    return read_page(db, select(ApiToken), ApiToken.id, cursor, limit, TokenOut.model_validate)


@router.post("", status_code=201)
def create(new: NewToken, database: DatabaseNeeded, actor: Administering, now: Now) -> CreatedToken:
    """Make a token; the answer holds its secret, which cannot be shown again."""
    token, secret = create_token(database, new.scope, new.name, actor.name, now)
    return CreatedToken(**TokenOut.model_validate(token).model_dump(), token=secret)


@router.delete("/{token_id}")
def revoke(token_id: UUID, database: DatabaseNeeded, actor: Administering, now: Now) -> TokenOut:
    """End a token for good."""
    token = revoke_token(database, token_id, actor.name, now)
    if token is None:
        raise not_found("token", "令牌")
    return TokenOut.model_validate(token)
