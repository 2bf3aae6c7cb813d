"""Log lines for people and for machines."""

from __future__ import annotations

import json
import logging
import sys

from hotline.logs import JsonLines, TextLines


def record(*, fails: bool = False) -> logging.LogRecord:
    found = None
    if fails:
        try:
            raise ValueError("broken")
        except ValueError:
            found = sys.exc_info()
    made = logging.LogRecord("callflow.answering", logging.WARNING, "", 0, "call %s: ended", ("a",), found)
    made.created = 1763888400.1234
    return made


def test_a_line_for_people() -> None:
    line = TextLines("calls").format(record())
    assert line == "2025-11-23T09:00:00.123Z warning calls callflow.answering: call a: ended"


def test_a_line_for_machines() -> None:
    event = json.loads(JsonLines("calls").format(record(fails=True)))
    assert event["at"] == "2025-11-23T09:00:00.123Z"
    assert (event["level"], event["process"], event["event"]) == ("warning", "calls", "call a: ended")
    assert "ValueError: broken" in event["exception"]


def test_a_traceback_stands_below_its_line() -> None:
    assert TextLines("web").format(record(fails=True)).endswith("ValueError: broken")
