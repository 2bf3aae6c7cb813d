"""Guessing is stopped, and stops nobody else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from intake_api.security.guard import PAIR_LIMIT, SOURCE_LIMIT, Locked, count_attempt, forgive, lock_time, watched
from models.database import Database
from tests.intake_api.conftest import NOON

STRANGER = "203.0.113.7"


def guess(database: Database, name: str, source: str, times: int, now: datetime, browser: str | None = None) -> None:
    for _ in range(times):
        with database.session() as db:
            count_attempt(db, watched(name, source, browser), now)


def test_a_guesser_is_stopped_for_a_minute_then_longer(database: Database) -> None:
    guess(database, "li", STRANGER, PAIR_LIMIT, NOON)
    with pytest.raises(Locked) as stopped:
        guess(database, "li", STRANGER, 1, NOON)
    assert stopped.value.seconds == 61
    later = NOON + timedelta(seconds=61)
    guess(database, "li", STRANGER, 1, later)
    with pytest.raises(Locked) as again:
        guess(database, "li", STRANGER, 1, later)
    assert again.value.seconds == 121


def test_attempts_during_a_lock_do_not_prolong_it(database: Database) -> None:
    guess(database, "li", STRANGER, PAIR_LIMIT, NOON)
    for second in range(60):
        with pytest.raises(Locked):
            guess(database, "li", STRANGER, 1, NOON + timedelta(seconds=second))
    guess(database, "li", STRANGER, 1, NOON + timedelta(seconds=61))


def test_others_at_the_same_address_and_the_person_elsewhere_are_not_stopped(database: Database) -> None:
    guess(database, "li", STRANGER, PAIR_LIMIT, NOON)
    guess(database, "wang", STRANGER, 1, NOON)
    guess(database, "li", "198.51.100.2", 1, NOON)


def test_one_address_that_tries_many_names_is_stopped(database: Database) -> None:
    for number in range(SOURCE_LIMIT):
        guess(database, f"name{number}", STRANGER, 1, NOON)
    with pytest.raises(Locked):
        guess(database, "one more", STRANGER, 1, NOON)


def test_a_known_browser_passes_while_strangers_guess_from_everywhere(database: Database) -> None:
    for number in range(33):
        guess(database, "li", f"203.0.113.{number}", 3, NOON)
    with pytest.raises(Locked):
        guess(database, "li", "203.0.113.200", 2, NOON)
    guess(database, "li", STRANGER, 1, NOON, browser="hash of her cookie")


def test_a_known_browser_is_stopped_too_when_it_guesses(database: Database) -> None:
    guess(database, "li", STRANGER, PAIR_LIMIT, NOON, browser="stolen")
    with pytest.raises(Locked):
        guess(database, "li", STRANGER, 1, NOON, browser="stolen")


def test_a_right_password_clears_what_was_mistyped(database: Database) -> None:
    for _ in range(10):
        counters = watched("li", STRANGER, None)
        guess(database, "li", STRANGER, PAIR_LIMIT - 1, NOON)
        with database.session() as db:
            count_attempt(db, counters, NOON)
        with database.session() as db:
            forgive(db, counters, NOON)


def test_failures_are_forgotten_after_an_hour(database: Database) -> None:
    guess(database, "li", STRANGER, PAIR_LIMIT - 1, NOON)
    guess(database, "li", STRANGER, PAIR_LIMIT - 1, NOON + timedelta(minutes=61))


def test_an_ipv6_household_is_one_source() -> None:
    assert watched("li", "2001:db8::1", None) == watched("li", "2001:db8::ffff", None)
    assert watched("li", "2001:db8:0:1::1", None) != watched("li", "2001:db8::1", None)


def test_a_name_in_other_letters_is_the_same_name() -> None:
    assert watched("LI", STRANGER, None) == watched("li", STRANGER, None)


def test_a_lock_lasts_at_most_a_quarter_of_an_hour() -> None:
    assert lock_time(-1) == timedelta(0)
    assert lock_time(1000) == timedelta(minutes=15)
