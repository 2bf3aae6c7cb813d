"""Live events for consoles and programs, as server-sent events."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse

from intake_api.needs import ServiceNeeded
from intake_api.problems import too_busy
from intake_api.security.actors import Reader, actor_or_nobody

router = APIRouter(prefix="/events", tags=["events"])

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"nginx buffers answers unless told not to."


# Not `response_class=EventSourceResponse`: FastAPI then takes the route for a generator of events, one of which costs
# more than a frame that is made once for all consoles.
@router.get("", response_class=StreamingResponse, responses={200: {"content": {EventSourceResponse.media_type: {}}}})
async def follow_events(
    request: Request,
    service: ServiceNeeded,
    _actor: Reader,
    call_id: Annotated[UUID | None, Query(description="Only this call's events.")] = None,
    last_event_id: Annotated[
        int | None, Header(ge=0, lt=1 << 63, description="Send first what has happened since this id.")
    ] = None,
    after: Annotated[
        int | None, Query(ge=0, lt=1 << 63, description="The same, for who cannot set a header at first.")
    ] = None,
) -> EventSourceResponse:
    """Changes as they happen (`call`, `utterance`, `draft`, `ticket`, `delivery`, each with an id) and words that may
    still change (`partial`, without one); `reset` means: read the lists anew."""
    if service.feed.is_full:
        raise too_busy(30)
    since = after if last_event_id is None else last_event_id
    await service.feed.ready(since)

    def welcome() -> bool:
        return actor_or_nobody(request, service, service.clock()) is not None

    stream = service.feed.stream(str(call_id) if call_id else None, since, welcome)
    return EventSourceResponse(stream, headers=HEADERS)
