"""One call as programs see it, for the description of the API; a test reads each example with its model."""

from __future__ import annotations

from typing import Any

CALL_ID = "0199f3c2-7a10-7c3e-9b51-3f6c1d2e4a01"
DRAFT_ID = "0199f3c2-7a11-7d20-8a44-0c9b7e6f5d02"
TICKET_ID = "0199f3c5-11b2-7e77-b3c8-5a4d9e8f6c03"

UTTERANCE: dict[str, Any] = {
    "index": 0,
    "start_time": 3.12,
    "end_time": 5.4,
    "text": "解放路的路灯不亮",
    "confidence": 0.91,
    "words": [
        {"word": "解放路", "start": 3.12, "end": 3.78, "confidence": 0.95},
        {"word": "的", "start": 3.78, "end": 3.9, "confidence": 0.97},
        {"word": "路灯", "start": 3.9, "end": 4.5, "confidence": 0.93},
        {"word": "不亮", "start": 4.6, "end": 5.4, "confidence": 0.79},
    ],
    "heard_text": "解放路的路灯不亮",
    "corrected_by": None,
    "corrected_at": None,
    "alternatives": [],
}

FIELDS: dict[str, Any] = {
    "phone": {
        "value": "138****1234",
        "confidence": 0.9,
        "evidence": [],
        "source": "caller_id",
        "candidates": [],
    },
    "title": {
        "value": "解放路路灯不亮",
        "confidence": 0.82,
        "evidence": [{"utterance": 0, "start": 0, "end": 8, "text": "解放路的路灯不亮"}],
        "source": "heard",
        "candidates": [{"value": "路灯不亮", "confidence": 0.1, "reason": "without the place"}],
    },
}

DRAFT: dict[str, Any] = {
    "id": DRAFT_ID,
    "call_id": CALL_ID,
    "state": "ready",
    "version": 3,
    "urgency": "normal",
    "last_words": "解放路的路灯不亮",
    "created_at": "2026-11-23T01:30:00Z",
    "updated_at": "2026-11-23T01:31:12Z",
    "ready_at": "2026-11-23T01:31:12Z",
    "claimed_by": None,
    "claimed_until": None,
    "decided_by": None,
    "decided_at": None,
    "discard_reason": None,
    "merged_into": None,
    "fields": FIELDS,
    "notes": [],
}

TICKET: dict[str, Any] = {
    "id": TICKET_ID,
    "ticket_no": "2611230546720017",
    "draft_id": DRAFT_ID,
    "call_id": CALL_ID,
    "fields": FIELDS,
    "transcript": [{"index": 0, "start_time": 3.12, "end_time": 5.4, "text": "解放路的路灯不亮", "confidence": 0.91}],
    "confirmed_by": "li",
    "confirmed_at": "2026-11-23T01:34:00Z",
    "delivery": {
        "ticket_id": TICKET_ID,
        "state": "delivered",
        "attempts": 1,
        "next_attempt_at": "2026-11-23T01:34:00Z",
        "last_error": None,
        "case_id": "2026-004711",
        "delivered_at": "2026-11-23T01:34:01Z",
    },
}

CALL: dict[str, Any] = {
    "id": CALL_ID,
    "sip_call_id": "a84b4c76e66710@pbx.example",
    "caller_number": "138****1234",
    "caller_name": "",
    "called_number": "12345",
    "state": "ended",
    "invited_at": "2026-11-23T01:30:00Z",
    "answered_at": "2026-11-23T01:30:00.4Z",
    "ended_at": "2026-11-23T01:31:11Z",
    "end_reason": "caller_hung_up",
    "digits": "1",
    "wishes": [],
    "codec": "PCMA",
    "recorded_seconds": 70.6,
    "packets_received": 3530,
    "packets_lost": 2,
    "transcribed_at": "2026-11-23T01:31:11.3Z",
    "transcript_complete": True,
    "remark": "",
    "node": "a",
}
