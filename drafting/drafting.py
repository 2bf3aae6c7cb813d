"""From the words of a call to a draft ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from config.city import City
from config.city_records import Village
from drafting.addresses import best_cluster, find_parts
from drafting.answers import find_answers
from drafting.appeal_types import rank_types, type_confidence
from drafting.categories import CategoryChoice, confidence_of, rank_categories, rank_level_1
from drafting.confidence import shared_out
from drafting.dates import find_moments
from drafting.draft import FIELD_NAMES, CallFacts, Candidate, DraftField, DraftTicket, Heard
from drafting.emergency import Alarm, find_alarms
from drafting.fields import BLANK, field_of
from drafting.matter_words import matter_words
from drafting.normalising import written
from drafting.person import Said, find_confidential, find_names, find_organisation, find_wants_reply
from drafting.phone_field import phone_field
from drafting.phones import find_phones
from drafting.places import Where, locate
from drafting.screening import (
    Note,
    Proposal,
    duty_note,
    inform_notes,
    not_accept_note,
    note_of,
    propose_not_accept,
    set_aside_note,
)
from drafting.summary import content_of, title_of
from drafting.transcript import Transcript, transcribe
from drafting.urgency import urgency_field
from drafting.working_days import add_working_days, is_published

NAMED = 0.6
"A mention below it may be part of another name: 花园 in 金鼎花园."
FEWEST_WORDS = 4
"Characters of a matter below which nothing is said of it."


def draft_ticket(heard: Sequence[Heard], call: CallFacts, city: City) -> DraftTicket:
    """Return the draft for all words of a call so far; never raises for any words whatever."""
    return _Drafting(transcribe(heard), call, city).ticket()


def prepare(city: City) -> None:
    """Build the indices over a city's data, a third of a second that the first call then does not wait for."""
    draft_ticket([Heard(0, "停水了")], CallFacts(datetime.now(UTC)), city)


def matter_of_words(texts: Sequence[str], city: City) -> str:
    """Return the words that say what a call is about, as drafting reads them: no names, numbers and places."""
    heard = [Heard(index, text) for index, text in enumerate(texts)]
    drafting = _Drafting(transcribe(heard), CallFacts(datetime.now(UTC)), city)
    drafting._find_matter(drafting._place())
    return drafting.matter


class _Drafting:
    """One draft in the making: each step reads what the steps before it found."""

    def __init__(self, transcript: Transcript, call: CallFacts, city: City) -> None:
        self.transcript, self.call, self.city = transcript, call, city
        self.text = transcript.text
        self.now = call.started_at.astimezone(ZoneInfo(city.time_zone))
        self.fields: dict[str, DraftField] = dict.fromkeys(FIELD_NAMES, BLANK)
        self.notes: list[Note] = []
        self.matter = self.text

    def ticket(self) -> DraftTicket:
        """Return the draft."""
        aside = set_aside_note(self.transcript, self.city)
        self._person()
        alarms = find_alarms(self.transcript, self.city)
        self._emergency(alarms)
        where = self._place()
        self._find_matter(where)
        choices = self._category()
        self._type()
        self._when()
        self._matter(where, choices)
        self._limits(choices)
        self._screen(where, choices, alarms)
        if aside:
            self.notes.append(aside)
        return DraftTicket({name: self.fields[name] for name in FIELD_NAMES}, tuple(self.notes))

    def _set(
        self,
        name: str,
        value: str | bool | None,
        confidence: float,
        span: tuple[int, int] | None = None,
        source: str = "heard",
        candidates: Sequence[Candidate] = (),
        reason: str = "",
    ) -> None:
        evidence = self.transcript.evidence(*span) if span else ()
        self.fields[name] = field_of(
            value, confidence, self.city.thresholds.get(name, 0.5), evidence, source, candidates, reason
        )

    def _set_said(self, name: str, said: Said | None) -> None:
        if said:
            self._set(name, said.value, said.confidence, (said.start, said.end))

    def _person(self) -> None:
        names = find_names(self.text)
        if names:
            others = [Candidate(said.value, said.confidence) for said in names]
            self._set("name", names[0].value, names[0].confidence, (names[0].start, names[0].end), candidates=others)
        self.fields["phone"] = phone_field(self.transcript, self.call, self.city)
        self._set_said("organisation", find_organisation(self.text))
        self._set_said("is_confidential", find_confidential(self.text))
        self._set_said("wants_reply", find_wants_reply(self.text))

    def _emergency(self, alarms: list[Alarm]) -> None:
        live = [alarm for alarm in alarms if alarm.is_live and alarm.emergency.mode == "transfer"]
        for alarm in live[:1]:
            one = alarm.emergency
            numbers = dict.fromkeys(other.emergency.number for other in live)
            candidates = [Candidate(number, 0.9 if number == one.number else 0.5) for number in numbers]
            self._set("emergency", one.number, 0.9, (alarm.start, alarm.end), candidates=candidates, reason=one.name)
            evidence = self.transcript.evidence(alarm.start, alarm.end)
            self.notes.append(
                note_of(
                    "emergency", one.say, f"{one.en}: transfer to {one.number} at once.", evidence, number=one.number
                )
            )

    def _place(self) -> Where:
        where = locate(self.transcript, self.city)
        self.fields["county"], self.fields["town"], self.fields["community"] = where.county, where.town, where.community
        known = [(mention.start, mention.end) for mention in where.mentions if mention.score > NAMED]
        parts = find_parts(self.text, known)
        span = best_cluster(self.text, parts, known)
        if span and any(part.start < span[1] and span[0] < part.end for part in parts):
            start = max((end for begin, end in self._above(where) if span[0] <= begin < end < span[1]), default=span[0])
            self._set("address_text", written(self.text[start : span[1]]), 0.7, (start, span[1]))
        return where

    def _above(self, where: Where) -> list[tuple[int, int]]:
        """Where county and town were named: an address begins after them."""
        return [
            (one.start, one.end) for one in where.mentions if one.score > NAMED and not isinstance(one.place, Village)
        ]

    def _find_matter(self, where: Where) -> None:
        phones = find_phones(self.text, self.city.area_code, self.city.landline_digits)
        aside = [(phone.start, phone.end) for phone in phones]
        aside += [(mention.start, mention.end) for mention in where.mentions if mention.score > NAMED]
        aside += [(said.start, said.end) for said in find_names(self.text)]
        self.matter = matter_words(self.text, aside)

    def _category(self) -> list[CategoryChoice]:
        choices = rank_categories(self.matter, self.city)
        top, level_1 = choices[0], rank_level_1(choices)
        if not self.text.strip("，\n") or not (top.spans or top.probability > 0.3):
            return choices
        span = top.spans[0] if top.spans else None
        first = confidence_of(level_1[0][1], level_1[0][2])
        shares = shared_out(first, [probability for _, probability, _ in level_1[:3]])
        threes = [Candidate(name, round(share, 3)) for (name, _, _), share in zip(level_1, shares, strict=False)]
        self._set("category_level_1", level_1[0][0], first, span, candidates=threes)
        inside = [choice for choice in choices if choice.category.level_1 == level_1[0][0]] + [
            choice for choice in choices if choice.category.level_1 != level_1[0][0]
        ]
        ranked = (
            sorted(choices[:6], key=lambda choice: -choice.probability)[:3] if inside[0] is choices[0] else inside[:3]
        )
        sure = confidence_of(inside[0].probability, inside[0].learnt)
        shares = shared_out(sure, [choice.probability for choice in ranked])
        second = [
            Candidate(choice.category.name, round(share, 3), choice.category.level_1)
            for choice, share in zip(ranked, shares, strict=True)
        ]
        self._set("category_level_2", inside[0].category.name, sure, span, candidates=second)
        unit = inside[0].category.unit
        self._set("lead_unit", unit, sure, span, "derived", [Candidate(unit, round(sure, 3))])
        return [*inside]

    def _type(self) -> None:
        ranked = rank_types(self.matter, self.city)
        kind, probability, spans = ranked[0]
        shares = shared_out(type_confidence(probability), [share for _, share, _ in ranked[:3]])
        candidates = [
            Candidate(one.code, round(share, 3), one.zh) for (one, _, _), share in zip(ranked, shares, strict=False)
        ]
        if spans or len(self.matter.replace("，", "").replace("\n", "")) >= FEWEST_WORDS:
            self._set("type", kind.code, shares[0], spans[0] if spans else None, candidates=candidates)

    def _when(self) -> None:
        moments = find_moments(self.text, self.now)
        if moments:
            candidates = [Candidate(when.moment.isoformat(), round(when.confidence, 3)) for when in moments[:4]]
            best = moments[0]
            self._set(
                "occurred_at", best.moment.isoformat(), best.confidence, (best.start, best.end), candidates=candidates
            )

    def _matter(self, where: Where, choices: list[CategoryChoice]) -> None:
        spans = [span for choice in choices[:2] for span in choice.spans]
        parts = [str(field.value) for field in (where.county, where.town, where.community) if field.value]
        title = title_of(self.transcript, spans, "".join(parts[:2]))
        if title:
            self._set("title", title[0], 0.6, title[1])
            address = str(self.fields["address_text"].value or "")
            place = "".join(part for part in parts if part not in address) + address
            when = str(self.fields["occurred_at"].value or "")[:16].replace("T", " ")
            content = content_of(self.transcript, when, place)
            self._set("content", content or None, 0.7, (0, len(self.text)))

    def _limits(self, choices: list[CategoryChoice]) -> None:
        self.fields["urgency"] = urgency_field(self.transcript, self.city, self.fields, choices)
        limits = self.city.limits
        kind, category = self.fields["type"].value, choices[0].category
        if not self.fields["content"].value:
            return
        if self.fields["emergency"].value:
            due, confidence, why = self.now, 0.9, "紧急情况立即处理"
        elif category.is_utility and kind != "consult" and self.fields["category_level_2"].value:
            due, confidence, why = (
                self.now + timedelta(hours=limits.utility_hours),
                self.fields["category_level_2"].confidence,
                f"水电气热{limits.utility_hours}小时",
            )
        else:
            days = limits.consult_days if kind == "consult" else limits.other_days
            due, confidence, why = (
                add_working_days(self.now, days, self.city.holidays),
                0.8 if kind else 0.5,
                f"{days}个工作日",
            )
        self._set("deadline_at", due.isoformat(), confidence, source="derived", reason=why)
        if not is_published(due.date(), self.city.holidays):
            self.notes.append(
                note_of(
                    "holiday_calendar",
                    "该年度节假日安排尚未发布，办理期限按周末和固定假日推算。",
                    ("That year's holidays are not published yet: the deadline counts weekends and fixed holidays."),
                )
            )

    def _screen(self, where: Where, choices: list[CategoryChoice], alarms: list[Alarm]) -> None:
        located = bool(where.county.value)
        proposals = [] if self.fields["emergency"].value else propose_not_accept(self.transcript, self.city, located)
        if proposals:
            self._not_accept(proposals)
        category = choices[0].category
        if self.fields["category_level_2"].value and choices[0].spans:
            evidence = self.transcript.evidence(*choices[0].spans[0])
            if note := duty_note(category, self.text, evidence, _text(where.town.value)):
                self.notes.append(note)
        self.notes.extend(inform_notes(self.transcript, alarms))
        if where.managing_unit:
            self.notes.append(
                note_of(
                    "managing_unit",
                    f"该地由{where.managing_unit}管理。",
                    f"The place is run by {where.managing_unit}.",
                    managing_unit=where.managing_unit,
                )
            )
        for answer in find_answers(self.text, self.city, self.now.date())[:3]:
            self.notes.append(
                note_of(
                    "answer",
                    f"可直接答复：{answer.article.title}",
                    f"Answer at hand: {answer.article.title_en}",
                    article=answer.article.id,
                    score=round(answer.score, 3),
                )
            )

    def _not_accept(self, proposals: list[Proposal]) -> None:
        best = proposals[0]
        candidates = [
            Candidate(code, round(sure, 3))
            for code, sure in {one.rule.code: one.confidence for one in reversed(proposals)}.items()
        ]
        candidates.sort(key=lambda candidate: -candidate.confidence)
        self._set(
            "not_accept_code",
            best.rule.code,
            best.confidence,
            best.spans[0],
            candidates=candidates,
            reason=best.rule.name,
        )
        self.notes.extend(not_accept_note(one, self.transcript, self.city) for one in proposals[:2])


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
