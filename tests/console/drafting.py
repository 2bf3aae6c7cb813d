"""A drafting that fills many fields with evidence, doubt and candidates, so that pages have something to show."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from drafting.draft import FIELD_NAMES, CallFacts, Candidate, DraftField, DraftTicket, Evidence, Heard
from intake.redrafting import Drafting

WORDS = {
    "county": ("兰山区", "罗庄区", "河东区"),
    "town": ("银雀山街道", "柳青街道"),
    "category_level_2": ("市容环卫", "供热", "噪声"),
}


def found(heard: Sequence[Heard], words: str) -> tuple[Evidence, ...]:
    """Return the places where words were said."""
    return tuple(
        Evidence(h.index, h.text.index(words), h.text.index(words) + len(words), words)
        for h in heard
        if words in h.text
    )


def draft(heard: Sequence[Heard], call: CallFacts) -> DraftTicket:
    """Propose a ticket from plain marks in the words."""
    fields = dict.fromkeys(FIELD_NAMES, DraftField())
    text = "，".join(h.text for h in heard)
    if call.caller_number:
        fields["phone"] = DraftField(call.caller_number, 0.6, source="caller_id")
    if not heard:
        return DraftTicket(fields)
    whole = (Evidence(heard[0].index, 0, len(heard[0].text), heard[0].text),)
    fields["title"] = DraftField(heard[0].text[:30], 0.82, whole, "derived")
    fields["content"] = DraftField(text, 0.82, whole, "heard")
    fields["urgency"] = DraftField("normal", 0.9, source="derived")
    for words, name, value, confidence in MARKS:
        if evidence := found(heard, words):
            fields[name] = DraftField(value, confidence, evidence, "heard")
    if found(heard, "胜利"):
        rest = (Candidate("银雀山街道", 0.41, "兰山区"), Candidate("柳青街道", 0.3, "兰山区"))
        fields["town"] = DraftField(None, 0.0, found(heard, "胜利"), "none", rest)
    said = {"en": "Emergency: transfer to 119.", "zh": "紧急：请转接 119。"}
    notes = ({"kind": "emergency", "evidence": [], **said},) if found(heard, "着火") else ()
    if fields["category_level_2"].value:
        fields["category_level_1"] = DraftField("城乡建设", 0.8, source="derived")
        fields["lead_unit"] = DraftField("城市管理局", 0.74, source="derived")
    return DraftTicket(fields, notes)


MARKS = (
    ("兰山区", "county", "兰山区", 0.93),
    ("银雀山街道", "town", "银雀山街道", 0.71),
    ("垃圾", "category_level_2", "市容环卫", 0.88),
    ("投诉", "type", "complaint", 0.9),
    ("咨询", "type", "consult", 0.86),
    ("我姓王", "name", "王先生", 0.77),
    ("着火", "urgency", "emergency", 0.97),
    ("着火", "emergency", "119", 0.97),
)
DRAFTING = Drafting(draft, ZoneInfo("Asia/Shanghai"))
