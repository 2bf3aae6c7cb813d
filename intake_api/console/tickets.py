"""Confirmed tickets and their way to the case store; a parked one says why and can be sent again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel
from sqlmodel import Session, col, select

from intake import deliveries
from intake.errors import Conflict
from intake_api.console.field_forms import FORMS, GROUPS
from intake_api.console.labels import LABELS
from intake_api.console.page import ReaderPage, SupervisorPage
from intake_api.needs import DatabaseNeeded, Now, Reading
from intake_api.problems import not_found
from intake_api.wire.field import fields_out
from intake_api.wire.ticket import DeliveryOut
from models.tables import Call, OutboxEntry, Ticket

PAGE_ROWS: Final = 50


class Filters(BaseModel):
    """What the address says about the list."""

    delivery: str = ""
    q: str = ""
    by: str = ""
    before: UUID | None = None

    def query(self, **changes: object) -> str:
        """Return the address's query with changes."""
        values = self.model_dump() | {"before": None} | changes
        return "?" + urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True)
class Line:
    """A ticket with its delivery, the store's reason without numbers."""

    ticket: Ticket
    delivery: DeliveryOut


def show_tickets(page: ReaderPage, db: Reading, filters: Annotated[Filters, Query()]) -> Response:
    """Show tickets, the newest first."""
    found = find_tickets(db, filters)
    further = filters.query(before=found[PAGE_ROWS - 1].ticket.id) if len(found) > PAGE_ROWS else ""
    return page.show(
        "tickets.html",
        here="tickets",
        filters=filters,
        lines=found[:PAGE_ROWS],
        further=further,
        states=LABELS["delivery"],
    )


def find_tickets(db: Session, filters: Filters) -> list[Line]:
    """Return a page of tickets and one more."""
    query = select(Ticket, OutboxEntry).join(OutboxEntry, col(OutboxEntry.ticket_id) == Ticket.id)
    if filters.delivery:
        query = query.where(OutboxEntry.state == filters.delivery)
    if filters.q:
        query = query.where(col(Ticket.ticket_no).startswith(filters.q.strip(), autoescape=True))
    if filters.by:
        query = query.where(Ticket.confirmed_by == filters.by.strip())
    if filters.before:
        query = query.where(Ticket.id < filters.before)
    rows = db.exec(query.order_by(col(Ticket.id).desc()).limit(PAGE_ROWS + 1)).all()
    return [Line(ticket, DeliveryOut.of(entry)) for ticket, entry in rows]


def show_ticket(page: ReaderPage, db: Reading, ticket_id: UUID) -> Response:
    """Show one ticket, its provenance and its delivery."""
    query = select(Ticket, OutboxEntry, Call).where(
        Ticket.id == ticket_id, OutboxEntry.ticket_id == Ticket.id, Call.id == Ticket.call_id
    )
    found = db.exec(query).first()
    if found is None:
        raise not_found("ticket", "工单")
    ticket, entry, call = found
    return page.show(
        "ticket.html",
        here="tickets",
        ticket=ticket,
        call=call,
        delivery=DeliveryOut.of(entry),
        groups=GROUPS,
        forms=FORMS,
        fields=fields_out(ticket.fields, sees_numbers=False),
    )


def resend(page: SupervisorPage, database: DatabaseNeeded, now: Now, ticket_id: UUID) -> Response:
    """Send a parked ticket again."""
    try:
        deliveries.resend_delivery(database, ticket_id, page.actor.name, at=now)
    except Conflict as refused:
        sentence = refused.sentence_zh if page.language == "zh" else refused.sentence
        return page.go(f"/tickets/{ticket_id}", "too_late", sentence)
    return page.go(f"/tickets/{ticket_id}", "resent")
