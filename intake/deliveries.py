"""A delivery that the case store refused goes out again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from intake.audit import record
from intake.errors import Conflict, NotFound
from models.changes import announce
from models.database import Database
from models.states import DELIVERY, DeliveryEvent, DeliveryState, IllegalTransition, advance
from models.tables import OutboxEntry, Ticket


def resend_delivery(database: Database, ticket_id: UUID, actor: str, *, at: datetime) -> OutboxEntry:
    """Send a parked ticket again, its attempts counted anew; raises `Conflict` when it is not parked, `NotFound`."""
    with database.session() as session:
        entry = session.exec(select(OutboxEntry).where(OutboxEntry.ticket_id == ticket_id)).first()
        if entry is None:
            raise NotFound("ticket", "工单")
        _resend(session, entry, at)
        ticket = session.get_one(Ticket, ticket_id)
        announce(session, "delivery", ticket_id, ticket.call_id)
        record(session, actor, "delivery_resent", "ticket", ticket_id, at)
        return entry


def _resend(session: Session, entry: OutboxEntry, at: datetime) -> None:
    try:
        state = advance(DELIVERY, entry.state, DeliveryEvent.RESEND)
    except IllegalTransition:
        raise _not_parked(entry) from None
    guard = (col(OutboxEntry.id) == entry.id, col(OutboxEntry.state) == DeliveryState.PARKED)
    values = {"state": state, "attempts": 0, "next_attempt_at": at}
    result = session.execute(update(OutboxEntry).where(*guard).values(**values))
    session.refresh(entry)
    if getattr(result, "rowcount", 0) != 1:
        raise _not_parked(entry)


def _not_parked(entry: OutboxEntry) -> Conflict:
    return Conflict(
        f"Only a parked delivery can be sent again; this one is {entry.state}.",
        "只有已搁置的投递才能重新发送。",
        state=str(entry.state),
        version=entry.attempts,
    )
