"""Tickets: what was confirmed, and whether the case store has it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from sqlmodel import Session, col, select

from intake.deliveries import resend_delivery
from intake_api.needs import DatabaseNeeded, Now, Reading
from intake_api.problems import not_found
from intake_api.security.actors import Reader, Supervising
from intake_api.wire.page import Cursor, Limit, Page, read_page
from intake_api.wire.ticket import DeliveryOut, TicketOut
from models.tables import OutboxEntry, Ticket

router = APIRouter(prefix="/tickets", tags=["tickets"])


@router.get("")
def list_tickets(
    db: Reading,
    actor: Reader,
    delivery: Literal["waiting", "sending", "delivered", "parked"] | None = None,
    call_id: UUID | None = None,
    ticket_no: Annotated[str | None, Query(max_length=40)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TicketOut]:
    """Tickets, the newest first."""
    query = select(Ticket)
    if delivery is not None:
        in_state = select(OutboxEntry.ticket_id).where(OutboxEntry.state == delivery)
        query = query.where(col(Ticket.id).in_(in_state))
    if call_id is not None:
        query = query.where(Ticket.call_id == call_id)
    if ticket_no is not None:
        query = query.where(Ticket.ticket_no == ticket_no)
    page = read_page(db, query, Ticket.id, cursor, limit, lambda ticket: ticket)
    entries = db.exec(select(OutboxEntry).where(col(OutboxEntry.ticket_id).in_([t.id for t in page.items]))).all()
    entry_of = {entry.ticket_id: entry for entry in entries}
    items = [TicketOut.of(t, entry_of[t.id], sees_numbers=actor.sees_numbers) for t in page.items]
    return Page(items=items, next=page.next)


@router.get("/{ticket_id}")
def get_ticket(ticket_id: UUID, db: Reading, actor: Reader) -> TicketOut:
    """One ticket."""
    ticket, entry = load_ticket(db, ticket_id)
    return TicketOut.of(ticket, entry, sees_numbers=actor.sees_numbers)


@router.post("/{ticket_id}/resend")
def resend(ticket_id: UUID, database: DatabaseNeeded, actor: Supervising, now: Now) -> DeliveryOut:
    """Send a parked ticket to the case store again."""
    return DeliveryOut.of(resend_delivery(database, ticket_id, actor.name, at=now))


def load_ticket(db: Session, ticket_id: UUID) -> tuple[Ticket, OutboxEntry]:
    """Return a ticket and its delivery, or a problem."""
    query = select(Ticket, OutboxEntry).join(OutboxEntry, col(OutboxEntry.ticket_id) == Ticket.id)
    found = db.exec(query.where(Ticket.id == ticket_id)).first()
    if found is None:
        raise not_found("ticket", "工单")
    return found[0], found[1]
