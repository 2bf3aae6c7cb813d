"""Who I am, and where I am signed in."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from intake_api.needs import DatabaseNeeded, Now
from intake_api.problems import not_found
from intake_api.security import web_session
from intake_api.security.actors import Reader
from intake_api.security.rights import Actor, Right, Role
from models import tables

router = APIRouter(prefix="/me", tags=["me"])

ID_CHARACTERS = 16
"Of the hash: enough to tell sessions apart."


class Me(BaseModel):
    """Who asks, as the audit log will name them."""

    name: str
    role: Role | None = Field(description="null for a token.")
    rights: list[str] = Field(examples=[["read", "operate"]])
    csrf_token: str | None = Field(description="For the header X-CSRF-Token; null for a token.")


class SessionOut(BaseModel):
    """A browser that is signed in."""

    id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    user_agent: str
    is_this: bool


@router.get("")
def who_am_i(actor: Reader) -> Me:
    """Name and rights of who asks."""
    rights = [right.name.lower() for right in Right if actor.may(right)]
    return Me(name=actor.name, role=actor.role, rights=rights, csrf_token=actor.csrf_token or None)


@router.get("/sessions")
def my_sessions(database: DatabaseNeeded, actor: Reader, now: Now) -> list[SessionOut]:
    """Browsers in which I am signed in; none for a token."""
    return [_shown(session, actor) for session in _sessions(database, actor, now)]


@router.delete("/sessions", status_code=204)
def sign_out_everywhere(database: DatabaseNeeded, actor: Reader) -> Response:
    """End all my sessions, this one too."""
    if actor.operator_id is not None:
        web_session.sign_out_everywhere(database, actor.operator_id)
    return Response(status_code=204)


@router.delete("/sessions/{session_id}", status_code=204)
def end_session(session_id: str, database: DatabaseNeeded, actor: Reader, now: Now) -> Response:
    """End one of my sessions."""
    for session in _sessions(database, actor, now):
        if session.token_hash[:ID_CHARACTERS] == session_id:
            web_session.end_session(database, session.token_hash)
            return Response(status_code=204)
    raise not_found("session", "登录会话")


def _sessions(database: DatabaseNeeded, actor: Actor, now: datetime) -> list[tables.Session]:
    if actor.operator_id is None:
        return []
    return list(web_session.sessions_of(database, actor.operator_id, now))


def _shown(session: tables.Session, actor: Actor) -> SessionOut:
    return SessionOut(
        id=session.token_hash[:ID_CHARACTERS],
        created_at=session.created_at,
        seen_at=session.seen_at,
        expires_at=session.expires_at,
        user_agent=session.user_agent,
        is_this=session.token_hash == actor.session_hash,
    )
