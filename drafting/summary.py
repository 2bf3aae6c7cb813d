"""Title and content of a ticket, built from the caller's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import rjieba

from drafting.normalising import written
from drafting.reading import clause_starts, cleaned, is_greeting, punctuated, without_greeting
from drafting.transcript import Transcript

LONGEST_TITLE = 40
"One line of the operators' list."
LONGEST_WORDS = 30
"Of them, the caller's own."
LONGEST_CONTENT = 2000
_WANTED = re.compile(
    r"(?:希望|要求|请求|恳请|请(?:你们|您|咱们|有关|相关|政府|热线|领导)|麻烦(?:你们|您|咱们|给|帮|派)|"
    r"能不能|能否|可不可以|想让|想请|想问|建议|盼望|赶紧|尽快|帮(?:我|俺|忙))[^，\n]{2,40}"
)
_NO_ACTION = re.compile(r"回电|回复|电话|答复|保密|匿名|^(?:想问|请问)")
_PERSONAL = re.compile(
    r"(?:我|俺|本人)(?:的?名字)?(?:叫|姓|是(?!.{0,8}(?:小区|村|镇|公司|厂)))|电话|手机号|号码|联系方式|免贵|"
    r"[0-9零一二三四五六七八九幺]{7}|保密|匿名|回电|回复我|给我回|不用回|等你们"
)
_OPENING = re.compile(
    r"^(?:(?:我|俺)?(?:想|要|就是|就想|是想)?(?:来)?(?:反映|投诉|举报|咨询|求助|建议|问|了解|说|打听|"
    r"表扬)(?:一下|一个|下|个)?(?:情况|问题|事情|事儿|事)?(?:就是|是|啊|关于)?|就是|然后|那个|这个|因为|现在|"
    r"请问(?:一下)?|(?:我|俺)?家(?:是|住)(?:在)?|就|啊|是|对|嗯)+"
)


@dataclass(frozen=True)
class Clause:
    """A stretch of words between breaks, with its span."""

    text: str
    start: int
    end: int


def clauses_of(transcript: Transcript) -> list[Clause]:
    """Return the clauses of a call; recognised speech has no commas, so they also end where one would be put."""
    found = []
    for match in re.finditer(r"[^，\n]+", transcript.text):
        edges = [match.start(), *(match.start() + soft for soft in clause_starts(match[0])), match.end()]
        found += [Clause(transcript.text[start:end], start, end) for start, end in pairwise(edges)]
    return found


def title_of(transcript: Transcript, spans: list[tuple[int, int]], place: str) -> tuple[str, tuple[int, int]] | None:
    """Return one line that says where and what, with the span of the clause it rests on."""
    clauses = clauses_of(transcript)
    if not clauses:
        return None
    best = _with_what_follows(clauses, max(clauses, key=lambda clause: (_worth(clause, spans), -clause.start)))
    words = _shortened(written(_OPENING.sub("", without_greeting(cleaned(best.text)))), spans, best)
    if not words:
        return None
    lead = place if place and place not in words and not any(part in words for part in (place[-4:],)) else ""
    return (lead + words)[:LONGEST_TITLE], (best.start, best.end)


def _worth(clause: Clause, spans: list[tuple[int, int]]) -> float:
    hits = sum(1 for start, end in spans if clause.start <= start and end <= clause.end)
    worth = min(hits, 4) + min(len(clause.text), 20) / 20
    return worth - (2.0 if _PERSONAL.search(clause.text) else 0.0)


def _with_what_follows(clauses: list[Clause], best: Clause) -> Clause:
    """The clause and those right after it, as long as they are of the matter and fit."""
    text = best.text
    for following in clauses[clauses.index(best) + 1 :]:
        if _PERSONAL.search(following.text) or len(text) + len(following.text) > LONGEST_WORDS:
            break
        text = f"{text}，{following.text}"
        best = Clause(text, best.start, following.end)
    return best


def _shortened(words: str, spans: list[tuple[int, int]], clause: Clause) -> str:
    """Words around the first that tell the matter, from and to the end of a word."""
    if len(words) <= LONGEST_WORDS:
        return words
    first = min((start - clause.start for start, end in spans if clause.start <= start < clause.end), default=0)
    earliest = max(0, min(first - 14, len(words) - LONGEST_WORDS))
    kept, position = "", 0
    for word in rjieba.cut(words):
        if position >= earliest and len(kept) + len(word) <= LONGEST_WORDS:
            kept += word
        position += len(word)
        if position - earliest >= LONGEST_WORDS:
            break
    return kept.strip("，")


def content_of(transcript: Transcript, when: str, place: str) -> str:
    """Return what, where, when and what is wanted, in the caller's words."""
    utterances = [heard for heard in transcript.text.split("\n") if heard]
    if not utterances:
        return ""
    while len(utterances) > 1 and is_greeting(utterances[0]):
        utterances.pop(0)
    utterances[0] = without_greeting(cleaned(utterances[0])) or utterances[0]
    told = punctuated(utterances)
    wanted = requested_action(transcript)
    parts = []
    if when:
        parts.append(f"时间：{when}。")
    if place:
        parts.append(f"地点：{place}。")
    parts.append(f"来电内容：{told}" if parts else told)
    if wanted:
        parts.append(f"诉求：{written(cleaned(transcript.text[wanted[0] : wanted[1]]))}。")
    return "".join(parts)[:LONGEST_CONTENT]


def requested_action(transcript: Transcript) -> tuple[int, int] | None:
    """Return the span of the words that ask for something, the last such words of the call."""
    found = [match for match in _WANTED.finditer(transcript.text) if not _NO_ACTION.search(match[0])]
    return found[-1].span() if found else None
