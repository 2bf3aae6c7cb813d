"""What states, types and fields are called on the pages; extracted like every other message."""

from __future__ import annotations

from typing import Final

from intake_api.console.language import mark

LABELS: Final[dict[str, dict[str, str]]] = {
    "call": {"ringing": mark("ringing"), "answered": mark("in call"), "ended": mark("ended")},
    "draft": {
        "listening": mark("listening"),
        "ready": mark("waiting"),
        "claimed": mark("being worked on"),
        "confirmed": mark("confirmed"),
        "discarded": mark("discarded"),
        "merged": mark("merged"),
    },
    "delivery": {
        "waiting": mark("to be sent"),
        "sending": mark("being sent"),
        "delivered": mark("delivered"),
        "parked": mark("parked"),
    },
    "type": {
        "consult": mark("Question"),
        "help": mark("Request for help"),
        "complaint": mark("Complaint"),
        "report": mark("Report of wrongdoing"),
        "suggestion": mark("Suggestion"),
        "praise": mark("Praise"),
        "other": mark("Other"),
    },
    "urgency": {"emergency": mark("Emergency"), "urgent": mark("Urgent"), "normal": mark("Normal")},
    "source": {
        "heard": mark("heard"),
        "caller_id": mark("caller's number"),
        "keyed": mark("keyed"),
        "derived": mark("derived"),
        "none": "",
        "operator": mark("by hand"),
    },
    "role": {"operator": mark("Operator"), "supervisor": mark("Supervisor"), "admin": mark("Administrator")},
    "scope": {"read": mark("read"), "operate": mark("read and operate"), "admin": mark("everything")},
    "end_reason": {
        "caller_hung_up": mark("caller hung up"),
        "caller_cancelled": mark("caller gave up"),
        "we_hung_up": mark("we hung up"),
        "transferred": mark("transferred to a person"),
        "no_ack": mark("no acknowledgement"),
        "timer": mark("longest time reached"),
        "not_recorded": mark("could not be recorded"),
        "node_restarted": mark("cut by a restart"),
        "failed": mark("failed"),
    },
    "field": {
        "name": mark("Caller's name"),
        "phone": mark("Phone"),
        "organisation": mark("Organisation"),
        "type": mark("Type"),
        "category_level_1": mark("Category"),
        "category_level_2": mark("Subcategory"),
        "title": mark("Title"),
        "content": mark("Content"),
        "occurred_at": mark("Happened at"),
        "urgency": mark("Urgency"),
        "emergency": mark("Emergency number"),
        "county": mark("County"),
        "town": mark("Town or street"),
        "community": mark("Village or community"),
        "address_text": mark("Address"),
        "lead_unit": mark("Lead unit"),
        "deadline_at": mark("Deadline"),
        "not_accept_code": mark("Not accepted"),
        "is_confidential": mark("Keep the caller secret"),
        "wants_reply": mark("Wants a reply"),
    },
    "figure": {
        "calls": mark("Calls"),
        "answered_in_time": mark("Answered within 15 s"),
        "recognised": mark("Calls with understood words"),
        "waiting": mark("Drafts waiting now"),
        "oldest_minutes": mark("Oldest waits, minutes"),
        "confirmed": mark("Tickets confirmed"),
        "confirm_seconds": mark("Ready to confirmed, seconds (median)"),
        "corrected_cer": mark("Character errors in corrected sentences"),
        "emergencies": mark("Emergencies"),
        "kept_fields": mark("Field values kept as drafted"),
    },
    "health": {"ok": mark("well"), "warning": mark("look at it"), "failed": mark("not well")},
    "action": {
        "draft_claimed": mark("claimed a draft"),
        "draft_released": mark("gave a draft back"),
        "draft_handed_over": mark("handed a draft over"),
        "draft_edited": mark("edited a draft"),
        "utterance_corrected": mark("corrected words"),
        "draft_confirmed": mark("confirmed a draft"),
        "draft_discarded": mark("discarded a draft"),
        "draft_merged": mark("merged a draft"),
        "draft_reopened": mark("reopened a draft"),
        "draft_ready": mark("finished a draft"),
        "lease_expired": mark("a claim ran out"),
        "delivery_resent": mark("sent a ticket again"),
        "decision_asked": mark("asked a second person"),
        "decision_agreed_first": mark("agreed, first of two"),
        "decision_agreed": mark("agreed to a decision"),
        "decision_returned": mark("returned a decision"),
        "sample_drawn": mark("drew a sample"),
        "draft_reviewed": mark("reviewed a draft"),
        "number_revealed": mark("looked at a number"),
        "listened_in": mark("listened in"),
        "model_chosen": mark("chose a model"),
        "recogniser_restarted": mark("restarted the recogniser"),
        "load_test_started": mark("started a load test"),
        "operator_added": mark("added a person"),
        "password_set": mark("set a password"),
        "role_set": mark("changed a role"),
        "operator_deactivated": mark("kept a person out"),
        "operator_reactivated": mark("let a person in"),
        "token_created": mark("created a token"),
        "token_revoked": mark("revoked a token"),
        "signed_in": mark("signed in"),
        "sign_in_refused": mark("was refused at sign-in"),
        "first_administrator": mark("became the first administrator"),
    },
    "decision": {
        "waiting": mark("waits for a second person"),
        "approved": mark("agreed"),
        "returned": mark("returned"),
        "withdrawn": mark("closed unanswered"),
    },
    "decide": {
        "operator": mark("operator"),
        "supervisor": mark("supervisor"),
        "after_handling": mark("after handling, with evidence"),
        "hearing": mark("hearing record needed"),
        "after_handling_two": mark("after handling, with evidence, by two people"),
    },
    "verdict": {
        "good": mark("In order"),
        "minor": mark("Small fault"),
        "serious": mark("Must be put right"),
        "open": mark("to be reviewed"),
    },
    "actor": {"service": mark("the service")},
    "discard": {
        "silent": mark("Nobody spoke"),
        "wrong_number": mark("Wrong number"),
        "advertising": mark("Advertising"),
        "duplicate": mark("The same matter is recorded already"),
        "answered": mark("Answered in the call, nothing to dispatch"),
        "test": mark("Test call"),
        "other": mark("Other reason"),
    },
}


def discard_words(reason: str | None) -> tuple[str, str]:
    """Return a discard's reason as the name of the listed one and the words beside it."""
    listed, _, words = (reason or "").partition(": ")
    return (LABELS["discard"][listed], words) if listed in LABELS["discard"] else ("", reason or "")


def label(kind: str, key: object) -> str:
    """Return the English name of a value, or the value itself when it has none."""
    return LABELS.get(kind, {}).get(str(key), str(key))
