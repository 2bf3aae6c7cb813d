"""The words that say what a call is about: without names of places, numbers, greetings and who calls."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ASIDE = re.compile(
    r"(?:喂|你好|您好|请问一下|12345|一二三四五|幺二三四五|热线|麻烦(?:你们|您|你)?|谢谢|再见"
    r"|给(?:我|俺)回(?:个|一个)?(?:电话|话|信)|(?:我的?|俺的?)?(?:联系)?(?:电话|手机)(?:号码?)?(?:就)?(?:是|用)?"
    r"(?:这个|本机)?|(?:我|俺)(?:想|要)?(?:反映|说)(?:一下|个)?(?:情况|问题|事)?"
    r"|免贵姓.|我姓.|俺姓.|贵姓|(?:都)?打了(?:好几|几|多少|无数|八)(?:遍|次|回)(?:电话)?(?:了)?)"
)


def matter_words(text: str, aside: Iterable[tuple[int, int]]) -> str:
    """Return the text with spans and set phrases replaced by as many commas, so that offsets stay true."""
    characters = list(text)
    for start, end in (*aside, *(match.span() for match in _ASIDE.finditer(text))):
        for place in range(start, end):
            if characters[place] != "\n":
                characters[place] = "，"
    return "".join(characters)
