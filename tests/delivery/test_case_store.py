"""The contract of `CaseStore`, for every implementation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from delivery.case_store import CaseStore, StoreUnavailable, TicketRefused, TicketToDeliver
from delivery.sql_case_store import SqlCaseStore

MakeTicket = Callable[..., TicketToDeliver]


def test_a_ticket_becomes_a_case_that_can_be_read(store: CaseStore, make_ticket: MakeTicket) -> None:
    case_id = store.submit(make_ticket())
    case = store.case(case_id)
    assert case
    assert "路灯坏了三天" in str(case)


def test_the_same_ticket_is_the_same_case(store: CaseStore, make_ticket: MakeTicket) -> None:
    ticket = make_ticket()
    assert store.submit(ticket) == store.submit(ticket) == store.submit(ticket)
    assert store.submit(make_ticket("2611234320000002")) != store.submit(ticket)


def test_the_same_ticket_at_once_is_the_same_case(store: CaseStore, make_ticket: MakeTicket) -> None:
    ticket = make_ticket()
    store.submit(make_ticket("2611234320000009"))  # the tables are made
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(store.submit(ticket))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if isinstance(store, SqlCaseStore):  # the test's own Open311 server does not promise this
        assert len(got) == 4
        assert len(set(got)) == 1


@pytest.mark.parametrize("case_id", ["nothing", "../x", "%00", "a/b", "C" * 200, ""])
def test_a_case_that_is_not_there_is_none(store: CaseStore, case_id: str) -> None:
    assert store.case(case_id) is None


def test_another_ticket_with_the_number_is_refused(tmp_path: Path, make_ticket: MakeTicket) -> None:
    store = SqlCaseStore(f"sqlite:///{tmp_path}/cases.sqlite3")
    ticket = make_ticket()
    store.submit(ticket)
    with pytest.raises(TicketRefused, match="another ticket"):
        store.submit(replace(ticket, ticket_id="another"))


def test_a_store_that_is_away_is_unavailable(tmp_path: Path, make_ticket: MakeTicket) -> None:
    store = SqlCaseStore(f"postgresql://nobody@/nothing?host={tmp_path}")
    with pytest.raises(StoreUnavailable):
        store.submit(make_ticket())
    with pytest.raises(StoreUnavailable):
        store.case("x")
