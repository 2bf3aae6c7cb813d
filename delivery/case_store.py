"""The seam `CaseStore`: where the city keeps its cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol


@dataclass(frozen=True)
class TicketToDeliver:
    """A confirmed ticket as it is sent; `ticket_id` makes a second submission the same case."""

    ticket_id: str
    ticket_no: str
    body: Mapping[str, Any]
    "`{ticket_no, call_id, confirmed_at, confirmed_by, fields: {name: value}, transcript: [...]}`, JSON values only."


class CaseStore(Protocol):
    """Takes tickets and shows cases."""

    def submit(self, ticket: TicketToDeliver) -> str:
        """Return the case's identifier, the same one however often the ticket is submitted; raises `StoreUnavailable`
        when it is worth trying again and `TicketRefused` when it is not."""

    def case(self, case_id: str) -> Mapping[str, Any] | None:
        """Return what the store holds, or None when it holds no such case."""

    def close(self) -> None:
        """Give connections back."""


class StoreUnavailable(Exception):
    """The store cannot be reached or is busy: try again, not before `retry_after` when the store has said so."""

    def __init__(self, reason: str, retry_after: timedelta = timedelta(0)) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class TicketRefused(Exception):
    """The store says that it will not take this ticket; the message is the store's own reason."""
