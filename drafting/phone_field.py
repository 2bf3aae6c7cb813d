"""The callback number: heard, keyed, or the caller's own number where the caller said so."""

from __future__ import annotations

import re

from config.city import City
from drafting.draft import CallFacts, Candidate, DraftField
from drafting.fields import BLANK, field_of
from drafting.phones import Phone, find_phones
from drafting.transcript import Transcript

_THIS = re.compile(
    r"(?:就|打)?(?:是)?(?:我)?(?:现在)?(?:打(?:的|过来的?|进来的?)?)?(?:这个|本机|来电|现在这个|这)(?:电话|"
    r"号码|号(?!楼|院|线)|手机|手机号|座机|电话号码)|本机号码?|来电显示|按来电"
)
_THIS_AS_MINE = re.compile(
    r"(?:打|回|联系|就是|就用|就留|留|用|按|记|拨)[^，\n]{0,6}(?:这个|本机|来电|现在(?:打)?的?这个)(?:电话|"
    r"号码|号|手机|手机号|座机)|(?:电话|号码|手机|手机号|联系方式)[^，\n]{0,4}(?:就是|就|是|用|跟)(?:这个|"
    r"现在这个|本机|我现在打的|来电|这)|(?:这个|本机)(?:电话|号码|号|手机|手机号)(?:就)?(?:行|可以|能(?:打|"
    r"联系|找)|就好|能接|打得通|也行|是我|就是我|一直|都能|随时)|本机(?:号码)?|来电(?:显示)?(?:的)?号码?|"
    r"(?:我|俺)(?:现在)?打(?:的|过来的?|进来的?)?(?:的)?这个(?:电话|号码|号|手机)"
)


def phone_field(transcript: Transcript, call: CallFacts, city: City) -> DraftField:
    """Return the callback number; an impossible number stays blank and is shown as a candidate."""
    limit = city.thresholds.get("phone", 0.7)
    caller = _dialable(call.caller_number)
    phones = find_phones(transcript.text, city.area_code, city.landline_digits)
    chosen = _choose(phones)
    others = [
        Candidate(phone.digits, 0.9 if phone.is_valid else 0.3, "号码有效" if phone.is_valid else "位数不对")
        for phone in reversed(phones)
    ]
    if caller:
        others.append(Candidate(caller, 0.5, "来电号码"))
    keyed = _dialable(call.digits)
    this = _THIS_AS_MINE.search(transcript.text)
    if keyed:
        return field_of(keyed, 0.97, limit, (), "keyed", others, "按键输入")
    if chosen and chosen.is_valid and not (this and this.start() > chosen.end and caller and not chosen.is_mine):
        confidence = (0.95 if not chosen.is_others else 0.4) * transcript.confidence(chosen.start, chosen.end) ** 0.25
        if not chosen.is_others or not this:
            return field_of(
                chosen.digits,
                confidence,
                limit,
                transcript.evidence(chosen.start, chosen.end),
                "heard",
                _unique(others),
            )
    if this and caller:
        return field_of(caller, 0.93, limit, transcript.evidence(*this.span()), "caller_id", _unique(others))
    if chosen:
        return field_of(
            chosen.digits, 0.3, limit, transcript.evidence(chosen.start, chosen.end), "heard", _unique(others)
        )
    return DraftField(candidates=tuple(others)) if others else BLANK


def _unique(candidates: list[Candidate]) -> list[Candidate]:
    return list({candidate.value: candidate for candidate in reversed(candidates)}.values())[::-1]


def _choose(phones: list[Phone]) -> Phone | None:
    if not phones:
        return None
    return max(
        enumerate(phones),
        key=lambda item: (
            item[1].is_valid,
            not item[1].is_others,
            item[1].corrected,
            item[1].is_mine,
            len(item[1].digits) == 11,
            item[0],
        ),
    )[1]


def _dialable(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    digits = digits.removeprefix("0086").removeprefix("86") if len(digits) > 12 else digits
    mobile = re.fullmatch(r"0?(1[3-9]\d{9})", digits)
    if mobile:
        return mobile[1]
    return digits if re.fullmatch(r"0\d{9,11}|[2-9]\d{6,7}", digits) else ""
