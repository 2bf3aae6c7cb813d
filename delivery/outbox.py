"""The outbox: a row is leased, sent, and marked; a dispatcher that dies leaves a lease that runs out.

`attempts` grows with every lease, so a dispatcher that was away too long cannot mark what another has taken since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import Session, and_, col, select

from delivery.case_store import TicketToDeliver
from intake.audit import SERVICE, record
from models.changes import announce
from models.database import Database
from models.states import DELIVERY, DeliveryEvent, DeliveryState, advance
from models.tables import OutboxEntry, Ticket

LONGEST_ERROR = 500


@dataclass(frozen=True)
class Lease:
    """A delivery that is ours for a while."""

    entry_id: int
    attempts: int
    ticket_id: UUID
    call_id: UUID
    ticket: TicketToDeliver


def take_next(database: Database, *, at: datetime, lease: timedelta) -> Lease | None:
    """Lease the delivery that has waited longest, or None when none is due; several dispatchers never get the same.

    PostgreSQL passes over rows that another is just taking (SKIP LOCKED); SQLite lets one take at a time.
    """
    waiting = and_(col(OutboxEntry.state) == DeliveryState.WAITING, col(OutboxEntry.next_attempt_at) <= at)
    abandoned = and_(col(OutboxEntry.state) == DeliveryState.SENDING, col(OutboxEntry.lease_until) <= at)
    oldest = (
        select(OutboxEntry.id)
        .where(or_(waiting, abandoned))
        .order_by(col(OutboxEntry.next_attempt_at))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    values = {"state": DeliveryState.SENDING, "lease_until": at + lease, "attempts": OutboxEntry.attempts + 1}
    take = (
        update(OutboxEntry)
        .where(col(OutboxEntry.id) == oldest.scalar_subquery())
        .values(values)
        .returning(col(OutboxEntry.id), col(OutboxEntry.attempts), col(OutboxEntry.ticket_id))
    )
    with database.session() as session:
        row = session.execute(take, execution_options={"synchronize_session": False}).first()
        if row is None:
            return None
        ticket = session.get_one(Ticket, row.ticket_id)
        return Lease(row.id, row.attempts, ticket.id, ticket.call_id, to_deliver(ticket))


def is_due(database: Database, *, at: datetime) -> bool:
    """Whether anything is to be taken: asked first, as asking takes no lock."""
    waiting = and_(col(OutboxEntry.state) == DeliveryState.WAITING, col(OutboxEntry.next_attempt_at) <= at)
    abandoned = and_(col(OutboxEntry.state) == DeliveryState.SENDING, col(OutboxEntry.lease_until) <= at)
    with database.reading() as session:
        return session.exec(select(OutboxEntry.id).where(or_(waiting, abandoned)).limit(1)).first() is not None


def to_deliver(ticket: Ticket) -> TicketToDeliver:
    """Return the ticket as the case store gets it: field values without how they were found."""
    body = {
        "ticket_no": ticket.ticket_no,
        "call_id": str(ticket.call_id),
        "confirmed_at": ticket.confirmed_at.isoformat(),
        "confirmed_by": ticket.confirmed_by,
        "fields": {name: field.get("value") for name, field in ticket.fields.items()},
        "transcript": ticket.transcript,
    }
    return TicketToDeliver(str(ticket.id), ticket.ticket_no, body)


def mark_delivered(database: Database, lease: Lease, case_id: str, *, at: datetime) -> bool:
    """Write the case's id; False when the lease was lost, and another dispatcher will get the same id."""
    values = {"case_id": case_id, "delivered_at": at, "last_error": None}
    return _mark(database, lease, DeliveryEvent.ACCEPT, at, "ticket_delivered", values, case_id=case_id)


def mark_retry(database: Database, lease: Lease, error: str, *, at: datetime, next_attempt_at: datetime) -> bool:
    """Put the delivery back for a later time, with the reason."""
    values = {"last_error": error[:LONGEST_ERROR], "next_attempt_at": next_attempt_at}
    return _mark(database, lease, DeliveryEvent.RETRY, at, None, values)


def mark_parked(database: Database, lease: Lease, error: str, *, at: datetime) -> bool:
    """Set the delivery aside, with the reason, until a person sends it again."""
    values = {"last_error": error[:LONGEST_ERROR]}
    return _mark(database, lease, DeliveryEvent.PARK, at, "delivery_parked", values, attempts=lease.attempts)


def _mark(
    database: Database,
    lease: Lease,
    event: DeliveryEvent,
    at: datetime,
    action: str | None,
    values: dict[str, Any],
    **detail: Any,
) -> bool:
    guard = (
        col(OutboxEntry.id) == lease.entry_id,
        col(OutboxEntry.state) == DeliveryState.SENDING,
        col(OutboxEntry.attempts) == lease.attempts,
    )
    state = advance(DELIVERY, DeliveryState.SENDING, event)
    with database.session() as session:
        change = update(OutboxEntry).where(*guard).values(state=state, lease_until=None, **values)
        if not _changed_one(session, change):
            return False
        announce(session, "delivery", lease.ticket_id, lease.call_id)
        if action:
            record(session, SERVICE, action, "ticket", lease.ticket_id, at, **detail)
        return True


def _changed_one(session: Session, change: Any) -> bool:
    result = session.execute(change, execution_options={"synchronize_session": False})
    return bool(getattr(result, "rowcount", 0) == 1)
