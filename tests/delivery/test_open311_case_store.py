"""GeoReport v2 over real HTTP, with a server in every mood."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from delivery.case_store import StoreUnavailable, TicketRefused, TicketToDeliver
from delivery.open311_case_store import LONGEST_RETRY_AFTER, Open311CaseStore
from tests.delivery.open311_server import Open311Server, dies_after_accepting, refuses

MakeTicket = Callable[..., TicketToDeliver]


@pytest.fixture
def store(open311: Open311Server) -> Open311CaseStore:
    return Open311CaseStore(open311.url, "secret", timeout_seconds=0.5)


def test_the_form_is_georeports(store: Open311CaseStore, open311: Open311Server, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(category_level_1="城乡建设", category_level_2="园林", county="兰山区", phone="13800001234")
    store.submit(ticket)
    form = open311.posts[0]
    assert form["api_key"] == "secret"
    assert form["service_code"] == "园林"
    assert form["description"] == "路灯坏了\n路灯坏了三天"
    assert form["address_string"] == "兰山区金雀山街道"
    assert form["phone"] == "13800001234"
    assert form["attribute[ticket_no]"] == ticket.ticket_no
    assert form["attribute[wants_reply]"] == "true"
    assert open311.keys == [ticket.ticket_id]


def test_a_store_that_dies_after_accepting_gives_the_same_case(
    store: Open311CaseStore, open311: Open311Server, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket()
    open311.moods = [dies_after_accepting]
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        store.submit(ticket)
    assert store.submit(ticket) == "SR-1"
    assert len(open311.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_what_the_store_will_not_take_is_refused_in_its_words(
    store: Open311CaseStore, open311: Open311Server, make_ticket: MakeTicket, status: int
) -> None:
    open311.moods = [refuses(status, "service_code is unknown")]
    with pytest.raises(TicketRefused, match=f"{status}: service_code is unknown"):
        store.submit(make_ticket())


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_unavailable(
    store: Open311CaseStore, open311: Open311Server, make_ticket: MakeTicket, status: int
) -> None:
    open311.moods = [refuses(status, "busy")]
    with pytest.raises(StoreUnavailable, match="busy"):
        store.submit(make_ticket())


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("7", timedelta(seconds=7)),
        ("99999999", LONGEST_RETRY_AFTER),
        ("Wed, 21 Oct 2015 07:28:00 GMT", timedelta(0)),
        ("soon", timedelta(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER),
    ],
)
def test_retry_after_is_heeded(
    store: Open311CaseStore, open311: Open311Server, make_ticket: MakeTicket, value: str, wait: timedelta
) -> None:
    open311.moods = [refuses(503, "busy", **{"Retry-After": value})]
    with pytest.raises(StoreUnavailable) as away:
        store.submit(make_ticket())
    assert away.value.retry_after == wait


def test_a_duplicate_without_a_number_is_looked_up(
    store: Open311CaseStore, open311: Open311Server, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket()
    store.submit(ticket)
    open311.moods = [refuses(409, "duplicate")]
    assert store.submit(ticket) == "SR-1"


def test_an_answer_that_cannot_be_read_is_looked_up(
    store: Open311CaseStore, open311: Open311Server, make_ticket: MakeTicket
) -> None:
    def mumbles(server: Open311Server, form: dict[str, str]) -> tuple[int, dict[str, str], str]:
        server.take(form)
        return 200, {}, "thank you"

    open311.moods = [mumbles]
    assert store.submit(make_ticket()) == "SR-1"


def test_a_store_that_numbers_later_is_asked_for_the_number(
    store: Open311CaseStore, open311: Open311Server, make_ticket: MakeTicket
) -> None:
    open311.moods = [lambda server, form: (server.take(form), (200, {}, [{"token": "SR-1"}]))[1]]
    assert store.submit(make_ticket()) == "SR-1"


def test_nobody_there_is_unavailable(make_ticket: MakeTicket) -> None:
    server = Open311Server()
    server.close()
    with pytest.raises(StoreUnavailable, match="ConnectError"):
        Open311CaseStore(server.url, timeout_seconds=0.5).submit(make_ticket())
