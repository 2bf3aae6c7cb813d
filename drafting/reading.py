"""Words made fit for reading: fillers and stutters out, punctuation in, numbers written."""

from __future__ import annotations

import re

from drafting.normalising import written
from drafting.words import longest_first

_FILLERS = re.compile(
    r"(?:嗯|呃|额|唔|哎呀|哎|唉|诶|喂|啊(?=[，\n]|$)|哈(?=[，\n]|$)|那个那个|这个这个|就是就是|就是说|怎么说呢|"
    r"你知道吧|是吧|对吧|反正就是|然后呢|完了以后|那什么|那个啥|那啥)+"
)
_GREETING = re.compile(
    r"^(?:，|\n)*(?:(?:喂|你好|您好|哎|同志|领导|师傅|话务员|接线员|客服|一二三四五|12345|热线|市民热线|吗|啊|"
    r"是|政府|请问一下|那个|这个|我|想|要|跟你|跟您|给你|说个?事|麻烦|，|\n){0,8}?(?:反映(?:一?下|个|"
    r"一个)?(?:情况|问题|事)?|投诉(?:一?下)?|咨询(?:一?下)?|举报(?:一?下)?|求助(?:一?下)?|问(?:一?下|个事)?|"
    r"你好|您好|喂)(?:[，\n啊呀]|就是|是|一个|这个|那个|关于)*)+"
)
_STUTTER = re.compile(r"((?:(?![零〇一幺二两三四五六七八九十百千万亿])[一-鿿]){2,4})(?:，|\n)?\1(?!\1)")
_SINGLE_STUTTER = re.compile(r"([我俺你他她在是就有那这要想])\1+")
_BEFORE = longest_first("comma_before")
_COMMA_BEFORE = re.compile(rf"(?<=[一-鿿\w])(?<![，。？！])(?<!到(?=现在))(?<!我)(?<!我的)(?<!联系)(?={_BEFORE})")
_QUESTION = re.compile(r"(?:吗|呢|么|咋办|怎么办|多少|哪里|什么时候|怎么回事|为什么|行不行|可不可以|好不好)$")


def clause_starts(text: str) -> list[int]:
    """Return where commas would be put into spoken words."""
    return [match.start() for match in _COMMA_BEFORE.finditer(text)]


def cleaned(text: str) -> str:
    """Return spoken words without fillers and stutters; commas stay, breaks between utterances become commas."""
    text = _FILLERS.sub("", text)
    text = _STUTTER.sub(r"\1", text)
    text = _SINGLE_STUTTER.sub(r"\1", text)
    return re.sub("[，\n]+", "，", text).strip("，")


def without_greeting(text: str) -> str:
    """Return the words after the greeting and "I want to report"."""
    rest = _GREETING.sub("", text, count=1).strip("，")
    return rest if len(rest) >= 4 else text


def is_greeting(text: str) -> bool:
    """Return whether nothing but a greeting and its preface is said."""
    return not _GREETING.sub("", cleaned(text), count=1).strip("，")


def punctuated(utterances: list[str]) -> str:
    """Return utterances as sentences with punctuation and written numbers."""
    sentences: list[str] = []
    for said in utterances:
        words = cleaned(said)
        if not words:
            continue
        clauses = [clause for clause in _COMMA_BEFORE.sub("，", written(words)).split("，") if clause]
        sentences.append("，".join(clauses) + ("？" if _QUESTION.search(clauses[-1]) else "。"))
    return "".join(sentences)
