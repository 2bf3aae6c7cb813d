"""The audit log: who did what to which row, and when; never speech, and numbers only masked."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from models.tables import AuditEntry

SERVICE = "service"
"The actor when no person acts: ingest, expired leases, the dispatcher."


def record(
    session: Session, actor: str, action: str, kind: str, row_id: UUID | str, at: datetime, **detail: Any
) -> None:
    """Add an audit row to the transaction; `action` is `draft_confirmed` and the like."""
    session.add(AuditEntry(at=at, actor=actor, action=action, subject=f"{kind}:{row_id}", detail=detail))
