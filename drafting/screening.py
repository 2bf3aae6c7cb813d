"""Screening: not-accept proposals, calls set aside, numbers to tell, department duty versus township."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from config.city import City
from config.city_records import Category, NotAccept
from drafting.draft import Evidence
from drafting.transcript import Transcript
from drafting.wording import any_of

Note = Mapping[str, Any]
_NEVER = re.compile(r"(?!)")
_HAPPENS_THERE = re.compile(r"(?:市|县|区|那边|这边|那里|当地|本地)")
_NAMED_AFTER = re.compile(r"(?:路|街|大道|人(?!民)|话|银行|医保|户口|社保|户籍|烤|菜|啤酒|大学|牌|号)")
_HERE = re.compile(r"(?:在|我在|俺在|住在|位于|是|这是|我是|咱)$")
_COMES_FROM = re.compile(
    r"(?:从|自|到|去|往|回|发往|寄到|寄|飞|坐车到|老家|户口|来自|和|与|跟|转到|转|对口|学|像|比)[^，\n]{0,2}$"
)


def evidence_json(evidence: tuple[Evidence, ...]) -> list[dict[str, Any]]:
    """Return evidence as notes carry it."""
    return [{"utterance": e.utterance, "start": e.start, "end": e.end, "text": e.text} for e in evidence]


def note_of(kind: str, zh: str, en: str, evidence: tuple[Evidence, ...] = (), **more: Any) -> Note:
    """Return a note: its kind, a sentence in Chinese and English, the words it rests on, and what else it says."""
    return {"kind": kind, "zh": zh, "en": en, "evidence": evidence_json(evidence), **more}


@lru_cache(maxsize=8)
def _rules(city: City) -> tuple[tuple[NotAccept, str, str, re.Pattern[str]], ...]:
    rules: list[tuple[NotAccept, str, str, re.Pattern[str]]] = []
    for rule in city.not_accept:
        rules.extend((rule, route.name, route.en, any_of(route.terms) or _NEVER) for route in rule.routes)
        rules.append((rule, "", "", any_of(rule.terms) or _NEVER))
    return tuple(rules)


class Proposal:
    """A not-accept rule proposed for a call, with its grounds."""

    def __init__(
        self,
        rule: NotAccept,
        say: str,
        spans: list[tuple[int, int]],
        confidence: float,
        route: str = "",
        route_en: str = "",
    ) -> None:
        self.rule, self.say, self.spans, self.confidence = rule, say, spans, confidence
        self.route, self.route_en = route, route_en


def propose_not_accept(transcript: Transcript, city: City, is_located_here: bool) -> list[Proposal]:
    """Return the rules whose words were heard, the surest first."""
    proposals = [*_outside(transcript, city, is_located_here), *_by_words(transcript, city)]
    return sorted(proposals, key=lambda proposal: -proposal.confidence)


_ASKS = re.compile(r"(?:怎么|如何|咋|在哪|去哪|需要什么)[^，\n]{0,6}$")


def _by_words(transcript: Transcript, city: City) -> Iterator[Proposal]:
    for rule, route, route_en, pattern in _rules(city):
        spans = [match.span() for match in pattern.finditer(transcript.text)]
        if not spans:
            continue
        asked = all(_ASKS.search(transcript.text[max(0, start - 10) : start]) for start, _ in spans)
        confidence = 0.5 if asked and rule.code == "NA2" else 0.8
        yield Proposal(rule, rule.say.format(route=route, place=""), spans, confidence, route, route_en)


_PART = re.compile(r"市?[一-鿿]{1,3}[区县市]")
"A district of a place outside: 枣庄市山亭区."
_THERE = re.compile(
    r"(?:市|县|区)?(?:住|[，\n啊呢吧]|$|这边|这里|的(?!车|医院|店)|当地|本地|那边的?(?:小区|学校|厂|路|物业|"
    r"政府)|人民政府|政府)"
)
_ELSEWHERE_FOR = re.compile(
    r"(?:市|县|区)?[^，\n]{0,8}(?:医院|住院|看病|打工|上班|工作|上学|读书|回来|买|寄|发货|做的?手术|机场|"
    r"火车|高铁|大巴|旅游|交的|缴的|办的)"
)


def _outside(transcript: Transcript, city: City, is_located_here: bool) -> Iterator[Proposal]:
    """NA1: the caller speaks from, or of, a place outside the city; work, treatment or shopping there is no ground."""
    rule = next((one for one in city.not_accept if one.code == "NA1"), None)
    if rule is None:
        return
    one_name = any_of(re.escape(place.name) for place in city.other_places) or _NEVER
    names = re.compile(f"(?P<first>{one_name.pattern})市?(?:{one_name.pattern})?")
    text = transcript.text
    for match in names.finditer(text):
        before, after = text[max(0, match.start() - 6) : match.start()], text[match.end() : match.end() + 20]
        from_there = bool(_HERE.search(before))
        if part := _PART.match(after):
            after = after[part.end() :]
            from_there = from_there or not before or before.endswith(("\n", "，"))
        if (_COMES_FROM.search(before) and not from_there) or _NAMED_AFTER.match(after) or _ELSEWHERE_FOR.match(after):
            continue
        place = next(one for one in city.other_places if one.name == match["first"])
        confidence = 0.75 if from_there and _THERE.match(after) else 0.65 if _HAPPENS_THERE.match(after) else 0.4
        yield Proposal(
            rule,
            rule.say.format(place=place.name, route=""),
            [match.span()],
            confidence - (0.3 if is_located_here else 0.0),
        )
        return


_WHO = {
    "operator": "话务员",
    "supervisor": "班长",
    "after_handling": "办理后凭证据",
    "hearing": "听证记录",
    "after_handling_two": "办理后凭证据由两人",
}


def not_accept_note(proposal: Proposal, transcript: Transcript, city: City) -> Note:
    """Return a proposal with the words it rests on, who may decide, the sentence for the caller and how to object."""
    rule = proposal.rule
    return note_of(
        "not_accept",
        f"建议{rule.code}（{rule.name}），由{_WHO.get(rule.decide, rule.decide)}决定。",
        f"{rule.code} proposed ({rule.en}); decided by: {rule.decide_en}.",
        tuple(piece for span in proposal.spans[:3] for piece in transcript.evidence(*span)),
        code=rule.code,
        decide=rule.decide,
        say=proposal.say,
        route=proposal.route,
        objection=city.objection[0],
        confidence=proposal.confidence,
    )


def set_aside_note(transcript: Transcript, city: City) -> Note | None:
    """Return the note of a blank, silent, wrong-number, prank or abusive call; it is set aside, never unheard."""
    words = re.sub(r"[，\n]", "", transcript.text)
    if not transcript.heard or not any(heard.text.strip() for heard in transcript.heard):
        return note_of("silent", "通话没有听到话语，请听录音核实。", "No words were heard; listen to the recording.")
    if len(re.sub(r"[喂嗯啊呃哦你好您吗呢吧哎唉在听到]", "", words)) < 2:
        return note_of(
            "blank",
            "通话没有实质内容，请听录音核实。",
            ("The call says nothing of substance; listen to the recording."),
        )
    for kind in city.set_aside:
        pattern = any_of(kind.terms) or _NEVER
        match = pattern.search(transcript.text)
        if match:
            zh = f"疑似{kind.zh}，已放到一边，仍须有人听过。"
            en = f"{kind.en} suspected: set aside, still to be heard by a person."
            return note_of(kind.name, zh, en, transcript.evidence(*match.span()))
    return None


def duty_note(category: Category, text: str, evidence: tuple[Evidence, ...], town: str | None) -> Note | None:
    """Return the warning that a department's duty is not dispatched to a township (unless the duty list says so)."""
    if category.duty != "department" or not town:
        return None
    zh = f"“{category.name}”是部门职责（{category.unit}），除职责清单另有规定外不得派给{town}。"
    en = f"{category.en} is a department's duty: do not dispatch it to a township unless the duty list says so."
    return note_of("department_duty", zh, en, evidence, unit=category.unit, rule="职责清单")


def inform_notes(transcript: Transcript, alarms: list[Any]) -> Iterator[Note]:
    """Yield the numbers to tell the caller, each once."""
    told: set[str] = set()
    for alarm in alarms:
        one = alarm.emergency
        if one.mode == "inform" and one.number not in told:
            told.add(one.number)
            evidence = transcript.evidence(alarm.start, alarm.end)
            yield note_of(
                "inform", one.say, f"{one.en}: the caller may also ring {one.number}.", evidence, number=one.number
            )
