"""The audit log: who did what to which row, and when; never speech, and numbers only masked."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from models.database import Database
from models.tables import AuditEntry

SERVICE = "service"
"The actor when no person acts: ingest, expired leases, the dispatcher."


def record(
    session: Session, actor: str, action: str, kind: str, row_id: UUID | str, at: datetime, **detail: Any
) -> None:
    """Add an audit row to the transaction; `action` is `draft_confirmed` and the like."""
    session.add(AuditEntry(at=at, actor=actor, action=action, subject=f"{kind}:{row_id}", detail=detail))


def note_act(database: Database, actor: str, action: str, subject: str, *, at: datetime, **detail: Any) -> None:
    """Log an act that changes no row of ours: choosing a model, starting a test."""
    with database.session() as session:
        session.add(AuditEntry(at=at, actor=actor, action=action, subject=subject, detail=detail))
