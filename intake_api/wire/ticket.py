"""Tickets, their deliveries and the store's cases on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.masking import mask_number, mask_numbers_in
from intake_api.wire import examples
from intake_api.wire.field import FieldOut, fields_out
from models.tables import OutboxEntry, Ticket


class DeliveryOut(BaseModel):
    """A ticket's way to the case store; `case_id` once it is there."""

    model_config = ConfigDict(from_attributes=True)

    ticket_id: UUID
    state: str = Field(description="waiting, sending, delivered, parked", examples=["delivered"])
    attempts: int
    next_attempt_at: datetime | None
    last_error: str | None
    case_id: str | None
    delivered_at: datetime | None

    @classmethod
    def of(cls, entry: OutboxEntry) -> DeliveryOut:
        """Return a delivery as it is shown; a store's reason may quote a number."""
        shown = cls.model_validate(entry)
        shown.last_error = mask_numbers_in(entry.last_error) if entry.last_error else None
        return shown


class TicketOut(BaseModel):
    """What an operator confirmed."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.TICKET]})

    id: UUID
    ticket_no: str
    draft_id: UUID
    call_id: UUID
    fields: dict[str, FieldOut]
    transcript: list[dict[str, Any]]
    confirmed_by: str
    confirmed_at: datetime
    delivery: DeliveryOut

    @classmethod
    def of(cls, ticket: Ticket, entry: OutboxEntry, *, sees_numbers: bool) -> TicketOut:
        """Return a ticket as it is shown to somebody who does, or does not, see numbers."""
        return cls.model_construct(
            id=ticket.id,
            ticket_no=ticket.ticket_no,
            draft_id=ticket.draft_id,
            call_id=ticket.call_id,
            fields=fields_out(ticket.fields, sees_numbers=sees_numbers),
            transcript=ticket.transcript,
            confirmed_by=ticket.confirmed_by,
            confirmed_at=ticket.confirmed_at,
            delivery=DeliveryOut.of(entry),
        )


class CaseOut(BaseModel):
    """What the store holds, in its own words."""

    model_config = ConfigDict(extra="allow")

    case_id: str


def masked_case(case: dict[str, Any]) -> dict[str, Any]:
    """Return a case with the caller's number hidden, wherever the store keeps it under `phone`."""
    return {name: _masked_in(name, value) for name, value in case.items()}


def _masked_in(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return masked_case(value)
    return mask_number(value) if name == "phone" and isinstance(value, str) else value
