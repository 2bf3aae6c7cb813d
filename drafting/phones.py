"""Telephone numbers in spoken words: digits one by one, pauses, corrections, and whether a number can exist."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from drafting.numerals import DIGITS

_DIGIT = "零〇幺一二两三四五六七八九洞拐勾壹贰叁肆伍陆柒捌玖0-9"
# What people put between the groups of a number: pauses, fillers, "然后", a comma, the end of an utterance.
_GAP = r"(?:[，\n\- ()]|呃|嗯|啊|那个|这个|然后|后面是|后边是|完了是|接着|再是|是吧|哈|哎|一个){0,3}"
_RUN = re.compile(rf"[{_DIGIT}](?:{_GAP}[{_DIGIT}])*")
_CORRECTION = re.compile(r"(?:不对|不是|错了|说错了?|弄错了?|记错了?|更正|纠正|重说|重新说|等一下|等等)")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_EXTENSION = re.compile(r"0\d{2,3}\d{7,8}")
_NOT_PHONE = re.compile(r"(?:身份证|证件|银行卡|卡号|工单|订单|单号|车牌|尾号|案件|编号|学号|账号|户号)[^\n，]{0,8}$")
_PHONE_WORDS = re.compile(r"(?:电话|手机|联系|号码|打给我|回我|拨|座机|这个号|号是|号儿)")
_OTHERS = re.compile(
    r"(?:他|她|对方|老板|商家|物业|公司|店|司机|包工头|中介|房东|客服|骗子|他们|人家)[的]?(?:的|家的?|"
    r"那边的?)?(?:联系)?(?:电话|手机|号码)[^\n，]{0,4}$"
)
_MINE = re.compile(r"(?:我|俺|本人|咱|联系|回)[^\n，]{0,6}(?:电话|手机|号)|回(?:个)?电|打(?:这个|我|俺)|联系我|联系俺")


@dataclass(frozen=True)
class Phone:
    """A number as digits, the span of its words, whether its form can exist, and how it was introduced."""

    digits: str
    start: int
    end: int
    is_valid: bool
    is_mine: bool
    is_others: bool
    corrected: bool = False


def find_phones(text: str, area_code: str, landline_digits: int) -> list[Phone]:
    """Return every run of digits that is, or was meant as, a telephone number, in order."""
    runs = [run for match in _RUN.finditer(text) for run in _runs(text, match.start(), match.end())]
    found: list[Phone] = []
    for start, end in _joined(text, runs):
        if found and (mended := _mended_tail(text, found[-1], start, end)):
            found[-1] = mended
            continue
        before = text[max(0, start - 14) : start]
        if _NOT_PHONE.search(before):
            continue
        found.extend(_read(text, start, end, before, area_code, landline_digits))
    return found


def _mended_tail(text: str, said: Phone, start: int, end: int) -> Phone | None:
    """The number with its last digits replaced: ...三三五, 哦不对, 三三六."""
    between, digits = text[said.end : start], _digits(text, start, end)
    if not said.is_valid or len(between) > 10 or not 2 <= len(digits) <= 8 or not _CORRECTION.search(between):
        return None
    mended = said.digits[: -len(digits)] + digits
    return replace(said, digits=mended, end=end, corrected=True)


def _runs(text: str, start: int, end: int) -> list[tuple[int, int]]:
    # 两 before a measure word is a count, not a digit: 两 stands in a number only among digits.
    while end - start > 1 and text[end - 1] in "两" and text[end : end + 1] in "个天次位块家人年月户层":
        end -= 1
    return [(start, end)] if end - start >= 2 else []


def _joined(text: str, runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in runs:
        if joined and _continues(text, joined[-1], start, end):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _continues(text: str, before: tuple[int, int], start: int, end: int) -> bool:
    between = text[before[1] : start]
    if len(between) > 6 or _CORRECTION.search(between) or _PHONE_WORDS.search(between):
        return False
    digits = len(_digits(text, *before)) + len(_digits(text, start, end))
    return digits <= 11 and _digits(text, *before).startswith(("1", "0"))


def _digits(text: str, start: int, end: int) -> str:
    return "".join(DIGITS[character] for character in text[start:end] if character in DIGITS)


def _read(text: str, start: int, end: int, before: str, area_code: str, landline: int) -> list[Phone]:
    digits = _digits(text, start, end)
    introduced = bool(_PHONE_WORDS.search(before))
    local = re.compile(rf"[2-9]\d{{{landline - 1}}}")
    valid = ""
    if found := _MOBILE.search(digits):
        valid = found[0] if len(digits) <= 13 else (found[0] if len(digits) % 11 == 0 else "")
    elif (
        _EXTENSION.fullmatch(digits) and (not digits.startswith(area_code) or len(digits) == len(area_code) + landline)
    ) or (introduced and local.fullmatch(digits)):
        valid = digits
    if not valid and not (introduced and len(digits) >= 7) and not 9 <= len(digits) <= 12:
        return []
    if not valid and len(digits) == 11 and not digits.startswith("1"):
        return []
    if not valid and not introduced and not digits.startswith("1"):
        return []
    mine = bool(_MINE.search(before)) or bool(
        re.match(r"[，\n]?(?:是)?(?:我的?|俺的?|我本人)(?:电话|手机|号)", text[end : end + 8])
    )
    corrected = bool(_CORRECTION.search(text[max(0, start - 8) : start]))
    return [Phone(valid or digits, start, end, bool(valid), mine, bool(_OTHERS.search(before)), corrected)]
