"""The ladder as text: what an integrator is sent."""

from __future__ import annotations

from datetime import timedelta, timezone

from spool.ladder_text import ladder_text

MESSAGES = [
    {
        "at": 1795000000.0,
        "direction": "in",
        "transport": "UDP",
        "peer": "192.0.2.10:5060",
        "summary": "INVITE (SDP)",
        "text": "INVITE sip:12345@192.0.2.1 SIP/2.0\nFrom: <sip:138****1234@192.0.2.10>;tag=a\n\nv=0\n",
    },
    {
        "at": 1795000000.25,
        "direction": "out",
        "transport": "UDP",
        "peer": "192.0.2.10:5060",
        "summary": "200 OK to INVITE (SDP)",
        "text": "SIP/2.0 200 OK\n\nv=0\n",
    },
]


def test_each_message_is_a_rung_and_stands_in_full_below() -> None:
    text = ladder_text(MESSAGES, "Call 7", timezone(timedelta(hours=8)))
    title, _, begin, _, one, two, *rest = text.splitlines()
    assert title == "Call 7"
    assert begin.startswith("2026-11-18T")
    assert "+08:00" in begin
    assert one.split() == ["0.000", "192.0.2.10:5060", *one.split()[2:]]
    assert one.endswith("->|")
    assert " INVITE (SDP) " in one
    assert two.strip().startswith("0.250")
    assert "|<-" in two
    assert "From: <sip:138****1234@192.0.2.10>;tag=a" in rest
    assert sum(line.startswith("--- ") for line in rest) == 2
    assert len(one) == len(two), "the rungs are one ladder"


def test_a_call_without_messages_says_so() -> None:
    assert "no SIP messages" in ladder_text([])
