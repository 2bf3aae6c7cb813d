"""A fact is one line: what is written is read, and what is broken is nobody else's trouble."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spool.facts import FACTS, Digit, Ended, Fact, Invited, UtteranceHeard, read_fact

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
VALUES = {"str": st.text(), "int": st.integers(), "float": st.floats(allow_nan=False, allow_infinity=False)}
VALUES |= {"bool": st.booleans(), "list[str]": st.lists(st.text())}
VALUES |= {"list[dict[str, Any]]": st.lists(st.dictionaries(st.text(), st.integers()))}
VALUES |= {"dict[str, Any]": st.dictionaries(st.text(), st.text())}


def facts() -> st.SearchStrategy[Fact]:
    def of(kind: type[Fact]) -> st.SearchStrategy[Fact]:
        values = {field.name: VALUES[str(field.type)] for field in fields(kind) if field.name != "at"}
        return st.builds(kind, at=st.datetimes(timezones=st.just(UTC)), **values)

    return st.sampled_from(sorted(FACTS.values(), key=lambda kind: kind.name)).flatmap(of)


@given(facts())
def test_what_is_written_is_read(fact: Fact) -> None:
    line = bytes(fact)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert read_fact(line) == fact


@given(st.binary())
def test_any_line_whatever_is_a_fact_or_none(line: bytes) -> None:
    assert read_fact(line) is None or isinstance(read_fact(line), Fact)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b'{"fact": "digit"}',
        b'{"fact": ["digit"], "at": "2026-11-23T12:00:00+00:00"}',
        b'{"fact": "digit", "at": "noon", "digit": "1", "position": 1}',
        b'{"fact": "of a later version", "at": "2026-11-23T12:00:00+00:00"}',
    ],
)
def test_broken_lines_are_none(line: bytes) -> None:
    assert read_fact(line) is None


def test_values_of_a_later_version_are_passed_over() -> None:
    line = b'{"fact": "digit", "at": "2026-11-23T12:00:00+00:00", "digit": "1", "position": 1.0, "mood": "good"}'
    assert read_fact(line) == Digit(at=NOON, digit="1", position=1.0)


def test_times_are_written_in_utc() -> None:
    local = NOON.astimezone(timezone(timedelta(hours=8)))
    assert b"2026-11-23T12:00:00+00:00" in bytes(Ended(at=local, end_reason="caller_hung_up"))


def test_names_are_snake_case() -> None:
    assert (Invited.name, UtteranceHeard.name) == ("invited", "utterance_heard")
