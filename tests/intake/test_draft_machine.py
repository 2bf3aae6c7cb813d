"""Any order of anything that people, the recogniser and the clock may do to a draft: the rules hold throughout."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import select

from intake.claiming import claim_draft, expire_leases, release_draft, renew_claim
from intake.confirming import confirm_draft
from intake.editing import correct_utterance, edit_draft
from intake.errors import Conflict, NotFound
from intake.ingest_folder import ingest_folder, make_overdue_ready
from intake.setting_aside import discard_draft, reopen_draft
from models.database import Database, migrate, open_database
from models.states import DraftState
from models.tables import AuditEntry, Draft, OutboxEntry, Ticket
from tests.spool_calls import NOON, PLAIN, SpokenCall

PEOPLE = st.sampled_from(["li", "wang"])
ACTORS = st.sampled_from(["the holder", "the holder", "the holder", "another"])
STALE = st.sampled_from([False, False, False, True])
TITLES = st.sampled_from(["改过的标题", "再改的标题", None])
TEXTS = st.sampled_from(["路灯坏了", "井盖没了", "着火了"])
TEMPLATE: list[Path] = []


def template() -> Path:
    """A migrated file, made once: migrating for each example would be most of the test."""
    if not TEMPLATE:
        path = Path(tempfile.mkdtemp(prefix="draft-machine-")) / "template.sqlite3"
        migrate(f"sqlite:///{path}")
        TEMPLATE.append(path)
    return TEMPLATE[0]


def is_claimed(machine: DraftMachine) -> bool:
    return machine.draft().state == DraftState.CLAIMED


class DraftMachine(RuleBasedStateMachine):
    """One call's draft, two operators, a clock, and what each of them knows."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="draft-machine-"))
        shutil.copy(template(), self.folder / "db.sqlite3")
        self.database: Database = open_database(f"sqlite:///{self.folder}/db.sqlite3")
        self.call = SpokenCall(self.folder / "spool")
        self.now = NOON
        self.steps = 0
        "0 ringing, 1 answered, 2 ended, 3 transcribed."
        self.written: dict[str, str | None] = {}
        "What people wrote into the title, the last word being theirs for good."
        self.seen_version = 1
        self.ingest()

    @initialize(steps=st.sampled_from([3, 3, 3, 2, 1, 0]), texts=st.lists(TEXTS, max_size=2))
    def begin(self, steps: int, texts: list[str]) -> None:
        """The call has come this far when we begin to look."""
        for text in texts:
            self.speak(text)
        for _ in range(steps):
            self.go_on()

    def teardown(self) -> None:
        self.database.dispose()
        shutil.rmtree(self.folder)

    def ingest(self) -> None:
        ingest_folder(self.database, self.call.folder, PLAIN, at=self.now)

    def draft(self) -> Draft:
        with self.database.reading() as session:
            return session.exec(select(Draft)).one()

    def attempt(self, allowed: bool, act: object) -> bool:
        """Do it, and hold it to be refused exactly when it is not allowed."""
        before = self.draft()
        try:
            act()  # type: ignore[operator]
        except (Conflict, NotFound) as refused:
            assert not allowed, f"{refused} though it is allowed"  # noqa: PT017
            assert self.draft() == before, "a refusal changes nothing"
            return False
        assert allowed, "it was done though it is not allowed"
        return True

    def named(self, actor: str) -> str:
        """Return who that is now: mostly whoever holds the draft, as others get nowhere."""
        return (self.draft().claimed_by or "li") if actor == "the holder" else "zhao"

    def held_by(self, person: str) -> bool:
        draft = self.draft()
        return draft.state == DraftState.CLAIMED and draft.claimed_by == person

    @rule(text=TEXTS)
    def speak(self, text: str) -> None:
        self.call.say(text)
        self.ingest()

    @precondition(lambda self: self.steps < 3)
    @rule()
    def go_on(self) -> None:
        [self.call.answer, self.call.end, self.call.transcribed][self.steps]()
        self.steps += 1
        self.ingest()
        assert (self.draft().state == DraftState.LISTENING) == (self.steps < 3) or self.steps == 2

    @precondition(lambda self: self.steps == 2)
    @rule()
    def wait_too_long_for_words(self) -> None:
        make_overdue_ready(self.database, ended_before=self.now + timedelta(days=1), at=self.now)
        assert self.draft().state != DraftState.LISTENING

    @rule(minutes=st.sampled_from([1, 10, 16]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def leases_expire(self) -> None:
        expire_leases(self.database, at=self.now)
        draft = self.draft()
        assert draft.claimed_until is None or draft.claimed_until > self.now

    @rule(person=PEOPLE, take_over=st.booleans())
    def claim(self, person: str, take_over: bool) -> None:
        draft = self.draft()
        expired = draft.claimed_until is not None and draft.claimed_until <= self.now
        free = draft.state == DraftState.READY
        mine = draft.state == DraftState.CLAIMED and (draft.claimed_by == person or expired or take_over)
        claim = lambda: claim_draft(self.database, draft.id, person, at=self.now, take_over=take_over)  # noqa: E731
        if self.attempt(free or mine, claim):
            assert self.held_by(person)

    @precondition(is_claimed)
    @rule(person=PEOPLE)
    def renew(self, person: str) -> None:
        draft = self.draft()
        self.attempt(self.held_by(person), lambda: renew_claim(self.database, draft.id, person, at=self.now))

    @precondition(is_claimed)
    @rule(person=ACTORS)
    def release(self, person: str) -> None:
        draft, person = self.draft(), self.named(person)
        self.attempt(self.held_by(person), lambda: release_draft(self.database, draft.id, person, at=self.now))

    @precondition(is_claimed)
    @rule(person=ACTORS, title=TITLES, stale=STALE)
    def edit(self, person: str, title: str | None, stale: bool) -> None:
        draft, person = self.draft(), self.named(person)
        version = draft.version - stale
        edit = lambda: edit_draft(self.database, draft.id, person, version, {"title": title}, at=self.now)  # noqa: E731
        if self.attempt(self.held_by(person) and not stale, edit):
            self.written["title"] = title

    @precondition(is_claimed)
    @rule(person=ACTORS, text=TEXTS, index=st.integers(0, 3))
    def correct(self, person: str, text: str, index: int) -> None:
        draft, person = self.draft(), self.named(person)
        correct = lambda: correct_utterance(  # noqa: E731
            self.database, draft.id, index, text, person, at=self.now, drafting=PLAIN
        )
        self.attempt(self.held_by(person) and index < self.call.heard, correct)

    @precondition(lambda self: self.call.heard > 0 and is_claimed(self))
    @rule(person=ACTORS, stale=STALE)
    def confirm(self, person: str, stale: bool) -> None:
        draft, person = self.draft(), self.named(person)
        confirm = lambda: confirm_draft(self.database, draft.id, person, draft.version - stale, at=self.now)  # noqa: E731
        self.attempt(self.held_by(person) and not stale, confirm)

    @precondition(is_claimed)
    @rule(person=ACTORS, stale=STALE)
    def discard(self, person: str, stale: bool) -> None:
        draft, person = self.draft(), self.named(person)
        discard = lambda: discard_draft(self.database, draft.id, person, draft.version - stale, "x", at=self.now)  # noqa: E731
        self.attempt(self.held_by(person) and not stale, discard)

    @precondition(lambda self: not is_claimed(self))
    @rule(act=st.sampled_from(["renew", "release", "edit", "correct", "discard"]))
    def act_without_a_claim(self, act: str) -> None:
        further = {
            "edit": {"title": None, "stale": False},
            "correct": {"text": "x", "index": 0},
            "discard": {"stale": False},
        }
        getattr(self, act)("li", **further.get(act, {}))

    @precondition(lambda self: self.draft().decided_by is not None)
    @rule(person=PEOPLE)
    def reopen(self, person: str) -> None:
        draft = self.draft()
        gone = draft.state in (DraftState.DISCARDED, DraftState.MERGED)
        self.attempt(gone, lambda: reopen_draft(self.database, draft.id, person, at=self.now))

    @invariant()
    def versions_only_grow(self) -> None:
        version = self.draft().version
        assert version >= self.seen_version
        self.seen_version = version

    @invariant()
    def a_claim_has_a_holder_and_an_end(self) -> None:
        draft = self.draft()
        claimed = draft.state == DraftState.CLAIMED
        assert (draft.claimed_by is not None) == (draft.claimed_until is not None) == claimed

    @invariant()
    def what_a_person_wrote_stands(self) -> None:
        for name, value in self.written.items():
            assert self.draft().fields[name]["value"] == value

    @invariant()
    def a_confirmed_draft_has_one_ticket_and_one_delivery(self) -> None:
        confirmed = int(self.draft().state == DraftState.CONFIRMED)
        with self.database.reading() as session:
            tickets, entries = session.exec(select(Ticket)).all(), session.exec(select(OutboxEntry)).all()
            logged = session.exec(select(AuditEntry).where(AuditEntry.action == "draft_confirmed")).all()
        assert (len(tickets), len(entries), len(logged)) == (confirmed, confirmed, confirmed)


DraftMachine.TestCase.settings = settings(
    max_examples=15, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestDraftMachine = pytest.mark.slow(DraftMachine.TestCase)
