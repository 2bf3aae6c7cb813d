"""The parts of an address as said: roads, estates, buildings, rooms, villages; unknown places stay as said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from drafting.words import characters, words

_N = "[零〇一二两三四五六七八九十百千幺a-z0-9]"
_STOP = characters("not_in_place_names") | {"\n"}
_ROAD = re.compile(
    r"(?:大道|大街|中路|东路|西路|南路|北路|东街|西街|路(?!灯|面|口|边|上|过|况|人|牌|费|段|基|沿|不|坏|很|没|"
    r"都|太|肩|由|车)|路(?=口|边|上|段|路灯|灯|面)|街(?!道|坊|上)|街(?=上)|胡同|巷(?!子)|高速|国道|省道)"
)
_ESTATE = re.compile(
    r"(?:小区|花园(?!镇)|家园|花苑|嘉苑|新苑|公寓|社区|新村|大厦|广场|新城|名城|名郡|御园|华府|华庭|豪庭|"
    r"名门|佳园|庄园|公馆|国际城|首府|雅苑|雅居|丽景|学府|山庄|学校|小学|中学|高中|幼儿园|医院|卫生院|"
    r"批发城|商城|市场|工业园|产业园|开发区|工业区|车站|汽车站|火车站|高铁站|大桥|公园|水库|大学|学院|商场|"
    r"超市|酒店|宾馆|饭店|加油站|板材厂|化工厂|敬老院|养老院|派出所|法院|银行|营业厅|服务区|收费站|政府|"
    r"大厅)"
)
_NUMBERED = re.compile(
    rf"{_N}{{1,6}}(?:(?:号)?楼(?:座)?|栋|幢|座|号院|单元|号(?!码|线|车|早|晚|上|下|前|中)|室|户(?!口|籍)|层|组(?!织)|期|弄|区(?!域|别))|[东西南北中][区院门侧]|[abcdef]座|{_N}{{1,3}}排|{_N}{{3,4}}(?=，|\n|$|室)|(?<=单元){_N}{{3,4}}(?!号|块|元)|(?<=号楼){_N}{{3,4}}(?=的|住|家)"
)
_JOINT = re.compile(
    r"(?:和|与|跟)(?=[^，\n]{1,8}(?:路|街|大道))|(?:交汇|交叉|交会|交接)(?:处|口|"
    r"路口)?(?:的)?(?:[东西南北]{1,2}(?:角|侧|边)?)?|路口|(?:往|向)[东西南北](?:走)?(?:大约|"
    r"大概)?[一二两三四五六七八九十百几\d]{1,4}米(?:左右|处)?|附近|对面|旁边|路[东西南北]|[东西南北](?:侧|头|"
    r"边|门|面)(?!的?(?:人|车))|门口|楼下|后面|前面|院内|里面"
)
_NUMBER_BEFORE = re.compile(r"[零〇一二两三四五六七八九幺0-9]{4,}")
"A telephone number said just before 路灯 is no road's name; a national road's has three digits."
_GENERIC = frozenset(words("no_place"))
_LONGEST_NAME = 8


@dataclass(frozen=True)
class Part:
    """A part of an address with its span and kind: road, estate, number, joint."""

    start: int
    end: int
    kind: str


def find_parts(text: str, known: Iterable[tuple[int, int]] = ()) -> list[Part]:
    """Return address parts in order; `known` are spans of counties, towns and villages, where no name begins before."""
    borders = sorted(known)
    parts = [
        *_named(text, _ROAD, "road", borders),
        *_named(text, _ESTATE, "estate", borders),
        *(Part(match.start(), match.end(), "number") for match in _NUMBERED.finditer(text)),
        *(Part(match.start(), match.end(), "joint") for match in _JOINT.finditer(text)),
    ]
    kept: list[Part] = []
    for part in sorted(parts, key=lambda one: (one.start, -one.end)):
        if kept and part.start < kept[-1].end:
            continue
        kept.append(part)
    return kept


def _named(text: str, suffix: re.Pattern[str], kind: str, borders: list[tuple[int, int]]) -> list[Part]:
    found: list[Part] = []
    for match in suffix.finditer(text):
        start = match.start()
        border = max((end for _, end in borders if end <= match.start()), default=0)
        while start > max(border, match.start() - _LONGEST_NAME) and _may_name(text[start - 1]):
            start -= 1
        start += _leading_words(text[start : match.end()])
        if number := _NUMBER_BEFORE.match(text, start, match.start()):
            start = number.end()
        if start < match.start() and text[start : match.end()] not in _GENERIC:
            found.append(Part(start, match.end(), kind))
    return found


def _may_name(character: str) -> bool:
    return character not in _STOP and ("一" <= character <= "鿿" or character.isdigit())


_LEADING = re.compile(
    r"(?:家小区|家(?=[^庄村])|附近|旁边|隔壁|边|号(?=.)|前面|后面|对面|上面|下面|里面|里|现在|今天|昨天|晚上|"
    r"早上|最近|反映|投诉|举报|关于|整|楼下|门口|市里|县城|城区|咨询|一下|下(?=[^庄村])|天天|每天|经常|半夜)+"
)


def _leading_words(name: str) -> int:
    match = _LEADING.match(name)
    return match.end() if match and match.end() < len(name) - 1 else 0


def best_cluster(text: str, parts: list[Part], known: list[tuple[int, int]]) -> tuple[int, int] | None:
    """Return the span of the fullest run of parts, `known` places among them, the later of two alike."""
    pieces = sorted(
        [(part.start, part.end, part.kind) for part in parts] + [(start, end, "known") for start, end in known]
    )
    clusters: list[list[tuple[int, int, str]]] = []
    for piece in pieces:
        if clusters and piece[0] - clusters[-1][-1][1] <= 2 and "\n" not in text[clusters[-1][-1][1] : piece[0]]:
            clusters[-1].append(piece)
        else:
            clusters.append([piece])
    worth = {"road": 2.0, "estate": 2.0, "number": 1.0, "joint": 0.6, "known": 1.0}
    ranked = [
        (sum(worth[kind] for _, _, kind in cluster) + 0.01 * place, cluster) for place, cluster in enumerate(clusters)
    ]
    ranked = [
        (value, cluster)
        for value, cluster in ranked
        if any(kind in ("road", "estate", "known") for _, _, kind in cluster)
    ]
    if not ranked:
        return None
    _, cluster = max(ranked, key=lambda item: item[0])
    inner = list(cluster)
    while inner and inner[-1][2] == "joint" and text[inner[-1][0] : inner[-1][1]] in ("和", "与", "跟"):
        inner.pop()
    return inner[0][0], inner[-1][1]
