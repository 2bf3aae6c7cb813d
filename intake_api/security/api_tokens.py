"""Programs' tokens: shown once, kept as a hash, revocable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from intake_api.security.opaque import TOKEN_PREFIX, hash_secret, new_secret
from intake_api.security.rights import Scope
from models.database import Database
from models.tables import ApiToken, AuditEntry

USED_EVERY = timedelta(minutes=1)
"`used_at` is written at most this often."


def create_token(database: Database, scope: Scope, name: str, actor: str, now: datetime) -> tuple[ApiToken, str]:
    """Add a token and return it with its secret, which is not kept."""
    secret = new_secret(TOKEN_PREFIX)
    token = ApiToken(token_hash=hash_secret(secret), name=name, scope=scope, created_at=now)
    detail = {"scope": str(scope), "name": name}
    with database.session() as db:
        db.add(token)
        db.add(AuditEntry(at=now, actor=actor, action="token_created", subject=f"token:{token.id}", detail=detail))
    return token, secret


def find_token(database: Database, secret: str) -> ApiToken | None:
    """Return the token, or None when it is unknown or revoked."""
    with database.reading() as db:
        token = db.exec(select(ApiToken).where(ApiToken.token_hash == hash_secret(secret))).first()
        return token if token is not None and token.revoked_at is None else None


def mark_used(database: Database, token: ApiToken, now: datetime) -> None:
    """Write when the token was last used, once a minute."""
    if token.used_at is None or now - token.used_at >= USED_EVERY:
        with database.session() as db:
            db.execute(update(ApiToken).where(col(ApiToken.id) == token.id).values(used_at=now))


def all_tokens(database: Database) -> Sequence[ApiToken]:
    """Return every token, revoked ones too, the newest first."""
    with database.reading() as db:
        return db.exec(select(ApiToken).order_by(col(ApiToken.created_at).desc())).all()


def revoke_token(database: Database, token_id: UUID, actor: str, now: datetime) -> ApiToken | None:
    """End a token for good; doing it twice changes nothing. None when there is no such token."""
    with database.session() as db:
        token = db.get(ApiToken, token_id)
        if token is None or token.revoked_at is not None:
            return token
        token.revoked_at = now
        detail = {"name": token.name}
        db.add(AuditEntry(at=now, actor=actor, action="token_revoked", subject=f"token:{token.id}", detail=detail))
        return token
