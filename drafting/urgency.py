"""How urgent a matter is."""

from __future__ import annotations

import re

from config.city import City
from drafting.categories import CategoryChoice
from drafting.draft import DraftField
from drafting.fields import field_of
from drafting.transcript import Transcript

_URGENT = re.compile(
    r"很急|特别急|非常急|十万火急|紧急|急死|着急|急用|急需|危险|要出人命|出人命|爆管|爆了|喷水|(?:水管|"
    r"管子)[^，\n]{0,6}(?:裂|破|断)|井盖[^，\n]{0,6}(?:没|丢|坏|缺|塌|不见|掉|翘|碎)|没(?:有)?井盖|(?:电线|"
    r"高压线|电缆)[^，\n]{0,8}(?:断|掉|垂|耷拉|裸|露)|裸露[^，\n]{0,3}电线|漏电|(?:全|整)(?:个)?(?:小区|村|"
    r"楼|庄)[^，\n]{0,6}(?:停水|停电|没水|没电|停暖|没暖气)|塌陷|塌方|要塌|快塌|树[^，\n]{0,4}(?:倒|砸)|"
    r"积水[^，\n]{0,8}(?:过不去|膝|腰|深)|倒灌|进水了|(?:老人|孩子|病人|婴儿|产妇|孕妇)[^，\n]{0,12}(?:冻|"
    r"受不了|没法)|食物中毒|拉肚子[^，\n]{0,8}(?:好几个|多人|住院)|马上就?(?:要)?(?:高考|中考|考试|开学|"
    r"过期|截止)|赶紧来|快点来|尽快派人|立即|立刻|火速|求求|救急|"
    r"停水[^，\n]{0,4}(?:[两二三四五六七八九十好几]|\d)+天|停电[^，\n]{0,4}(?:[两二三四五六七八九十好几]|"
    r"\d)+天|(?:两|三|四|五|好几)天[^，\n]{0,4}(?:没水|没电|没暖气|没气|停水|停电)|"
    r"红绿灯[^，\n]{0,6}(?:不亮|坏)|困在"
)


_OUTAGE = re.compile(
    r"停水|停电|停气|停暖|断水|断电|没(?:有)?(?:水|电|气|暖气)(?:用|了|也|吃|，|\n|$)|不来水|没来电|"
    r"暖气(?:不热|冰凉|凉)"
)


def urgency_field(
    transcript: Transcript, city: City, fields: dict[str, DraftField], choices: list[CategoryChoice]
) -> DraftField:
    """Return emergency for an emergency, urgent by its words or a broken utility, else normal."""
    limit = city.thresholds.get("urgency", 0.5)
    emergency = fields["emergency"]
    if emergency.value:
        return field_of("emergency", emergency.confidence, limit, emergency.evidence, "derived")
    if not transcript.text.strip("，\n"):
        return DraftField()
    match = _URGENT.search(transcript.text)
    if match:
        return field_of("urgent", 0.8, limit, transcript.evidence(*match.span()))
    outage = _OUTAGE.search(transcript.text)
    if outage and (fields["type"].value != "consult" or transcript.text[outage.end() : outage.end() + 1] == "了"):
        return field_of("urgent", 0.7, limit, transcript.evidence(*outage.span()))
    category = fields["category_level_2"]
    if choices[0].category.is_utility and category.value and fields["type"].value in ("help", "complaint", None):
        return field_of("urgent", 0.6, limit, category.evidence, "derived", reason="水电气热")
    return field_of("normal", 0.6, limit, (), "derived")
