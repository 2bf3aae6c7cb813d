"""`CaseStore` over HTTP: Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2), JSON.

GeoReport has no field for the client's own number, so we send it as `attribute[ticket_no]` and as the request header
`Idempotency-Key`; a server that has the ticket already answers 409 with the request it knows, or is asked for it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import httpx2

from delivery.case_store import StoreUnavailable, TicketRefused, TicketToDeliver

log = logging.getLogger(__name__)

LONGEST_REASON = 300
NO_SERVICE = "other"
"The service code of a ticket without a category."
PASSING = (408, 425, 429)
"Statuses below 500 that ask for patience, not for another ticket."
LONGEST_RETRY_AFTER = timedelta(hours=1)
"A server that asks for more is asked again after an hour: it may have been mended."


class Open311CaseStore:
    """Posts service requests and reads them back."""

    def __init__(
        self,
        endpoint: str,
        api_key: str = "",
        timeout_seconds: float = 10.0,
        jurisdiction_id: str = "",
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._common = {"api_key": api_key, "jurisdiction_id": jurisdiction_id}
        self._http = httpx2.Client(timeout=timeout_seconds, transport=transport)

    def submit(self, ticket: TicketToDeliver) -> str:
        """Post the ticket; the answer's `service_request_id` is the case's id."""
        form = self._with_common(service_request(ticket))
        headers = {"Idempotency-Key": ticket.ticket_id}
        answer = self._ask("POST", "/requests.json", data=form, headers=headers)
        if answer.status_code == 409:
            return self._already_there(answer, ticket)
        if answer.status_code >= 400:
            raise TicketRefused(f"the store answered {answer.status_code}: {reason_of(answer)}")
        return self._case_id(answer, ticket)

    def case(self, case_id: str) -> Mapping[str, Any] | None:
        """Return the service request as the store tells it, or None."""
        answer = self._ask("GET", f"/requests/{quote(case_id, safe='')}.json", params=self._with_common({}))
        if answer.status_code in (400, 404):  # GeoReport: 404 not found, 400 an id that cannot be one
            return None
        found = first_of(answer)
        if answer.status_code != 200 or found is None:
            raise StoreUnavailable(f"the store answered {answer.status_code}")
        return found

    def close(self) -> None:
        """Close connections."""
        self._http.close()

    def _with_common(self, form: dict[str, str]) -> dict[str, str]:
        return form | {name: value for name, value in self._common.items() if value}

    def _ask(self, method: str, path: str, **request: Any) -> httpx2.Response:
        try:
            answer = self._http.request(method, self._endpoint + path, **request)
        except httpx2.HTTPError as error:
            raise StoreUnavailable(f"the store cannot be reached: {type(error).__name__}") from error
        if answer.status_code >= 500 or answer.status_code in PASSING:
            raise StoreUnavailable(f"the store answered {answer.status_code}: {reason_of(answer)}", wait_of(answer))
        return answer

    def _case_id(self, answer: httpx2.Response, ticket: TicketToDeliver) -> str:
        request = first_of(answer) or {}
        if case_id := request.get("service_request_id"):
            return str(case_id)
        if token := request.get("token"):
            return self._case_of_token(str(token))
        # Accepted, it seems, but the answer cannot be read: asking again is safe only by the number.
        return self._search(ticket) or _unreadable(answer)

    def _already_there(self, answer: httpx2.Response, ticket: TicketToDeliver) -> str:
        request = first_of(answer) or {}
        case_id = request.get("service_request_id") or self._search(ticket)
        if not case_id:
            raise TicketRefused(f"the store says it has the ticket already, but not as which case: {reason_of(answer)}")
        return str(case_id)

    def _case_of_token(self, token: str) -> str:
        """A store that numbers later gives a token now (GET service_request_id)."""
        answer = self._ask("GET", f"/tokens/{quote(token, safe='')}.json", params=self._with_common({}))
        case_id = (first_of(answer) or {}).get("service_request_id")
        if not case_id:
            raise StoreUnavailable("the store has taken the ticket and not numbered it yet")
        return str(case_id)

    def _search(self, ticket: TicketToDeliver) -> str | None:
        query = self._with_common({"service_request_id": ticket.ticket_no})
        case_id = (first_of(self._ask("GET", "/requests.json", params=query)) or {}).get("service_request_id")
        return str(case_id) if case_id else None


def _unreadable(answer: httpx2.Response) -> str:
    raise StoreUnavailable(f"the store's answer cannot be read: {reason_of(answer)}")


def service_request(ticket: TicketToDeliver) -> dict[str, str]:
    """Return the form of POST Service Request; what GeoReport has no name for goes into `attribute[...]`."""
    fields = ticket.body.get("fields", {})
    place = "".join(fields.get(name) or "" for name in ("county", "town", "community", "address_text"))
    category = fields.get("category_level_2") or fields.get("category_level_1")
    form = {
        "service_code": category or NO_SERVICE,
        "description": "\n".join(text for text in (fields.get("title"), fields.get("content")) if text),
        "address_string": place,
        "phone": fields.get("phone"),
        "first_name": fields.get("name"),
        "requested_datetime": fields.get("occurred_at"),
        "attribute[ticket_no]": ticket.ticket_no,
        "attribute[ticket_id]": ticket.ticket_id,
    }
    others = ("type", "category_level_1", "urgency", "lead_unit", "deadline_at", "organisation", "not_accept_code")
    form |= {f"attribute[{name}]": fields.get(name) for name in others}
    form |= {f"attribute[{name}]": _yes_or_no(fields.get(name)) for name in ("is_confidential", "wants_reply")}
    return {name: value for name, value in form.items() if value}


def _yes_or_no(value: object) -> str | None:
    return None if value is None else str(bool(value)).lower()


def first_of(answer: httpx2.Response) -> dict[str, Any] | None:
    """Return the first object of an answer: GeoReport answers lists, some servers the object itself."""
    try:
        found = answer.json()
    except ValueError:
        return None
    if isinstance(found, list):
        found = found[0] if found else None
    return found if isinstance(found, dict) else None


def reason_of(answer: httpx2.Response) -> str:
    """Return the store's own words: GeoReport's `description`, or the beginning of the body."""
    description = (first_of(answer) or {}).get("description")
    return str(description or answer.text or "no reason given").strip()[:LONGEST_REASON]


def wait_of(answer: httpx2.Response) -> timedelta:
    """Return what `Retry-After` asks for (RFC 9110 section 10.2.3): seconds, or a date."""
    value = answer.headers.get("Retry-After", "").strip()
    if value.isdigit():
        wait = timedelta(seconds=min(int(value), 86_400))
    else:
        try:
            wait = parsedate_to_datetime(value) - datetime.now(UTC)
        except (ValueError, TypeError):
            return timedelta(0)
    return max(timedelta(0), min(wait, LONGEST_RETRY_AFTER))
