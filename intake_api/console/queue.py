"""The queue: live calls, and drafts by urgency and age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict

from intake_api.console.draft_list import PAGE_ROWS, Row, Slice, at_work, counts_by_state, live_calls, rows_of
from intake_api.console.language import mark
from intake_api.console.page import Page, ReaderPage
from intake_api.needs import Reading
from models.states import DraftState

PRESENT: Final = timedelta(minutes=5)
"Who has looked at no page for longer is away; an open draft renews its claim every minute."
TABS: Final = {
    "waiting": mark("Waiting"),
    "mine": mark("Mine"),
    "claimed": mark("In work"),
    "listening": mark("Listening"),
    "confirmed": mark("Confirmed"),
    "discarded": mark("Discarded"),
}
STATE_OF_TAB: Final = {
    "waiting": DraftState.READY,
    "mine": DraftState.CLAIMED,
    "claimed": DraftState.CLAIMED,
    "listening": DraftState.LISTENING,
    "confirmed": DraftState.CONFIRMED,
    "discarded": DraftState.DISCARDED,
}


class Filters(BaseModel):
    """What the address says about the list, so that it can be kept, shared and gone back to."""

    model_config = ConfigDict(extra="ignore")

    tab: str = "waiting"
    q: str = ""
    urgency: str = ""
    page: int = 0

    def query(self, **changes: object) -> str:
        """Return the address's query with changes; what is as usual is left out."""
        usual = Filters().model_dump()
        values = self.model_dump() | {"page": 0} | changes
        kept = {name: value for name, value in values.items() if value != usual[name]}
        return "?" + urlencode(kept) if kept else "/"


@dataclass(frozen=True)
class Tab:
    """One list of the queue with how many it holds."""

    name: str
    label: str
    count: int
    href: str


def show_queue(page: ReaderPage, db: Reading, filters: Annotated[Filters, Query()]) -> Response:
    """Show the calls going on and one list of drafts; a script asks again for a part when something has changed."""
    wanted = filters if filters.tab in TABS else filters.model_copy(update={"tab": "waiting"})
    rows = find_rows(page, db, wanted)
    counts = counts_by_state(db, page.actor.name)
    tabs = [Tab(name, label, counts.get(name, 0), wanted.query(tab=name)) for name, label in TABS.items()]
    part = page.request.headers.get("x-part")
    return page.show(
        "parts/queue.html" if part == "queue" else "queue.html",
        here="queue",
        filters=wanted,
        tabs=tabs,
        rows=rows[:PAGE_ROWS],
        earlier=wanted.query(page=wanted.page - 1) if wanted.page > 0 else "",
        further=wanted.query(page=wanted.page + 1) if len(rows) > PAGE_ROWS else "",
        calls=live_calls(db),
        at_work=at_work(db, page.service.clock() - PRESENT),
    )


def find_rows(page: Page, db: Reading, filters: Filters) -> list[Row]:
    """Return one page of the list and one row more when there is one."""
    return rows_of(
        db,
        Slice(
            state=STATE_OF_TAB[filters.tab],
            claimed_by=page.actor.name if filters.tab == "mine" else None,
            urgency=filters.urgency,
            text=filters.q,
            offset=max(0, filters.page) * PAGE_ROWS,
        ),
    )


def show_banner(page: ReaderPage) -> Response:
    """Return what is wrong with the service at this moment."""
    return page.show("parts/banner.html")
