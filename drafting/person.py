"""Who calls: name, organisation, whether a reply is wanted and the caller's name kept back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from drafting.pinyin import likeness
from drafting.words import characters, words

SURNAMES = characters("surnames")
_NOT_GIVEN = characters("not_in_given_names") | {"\n"}
COMPOUND = words("compound_surnames")
_SPELT = {spelling: spelling[-1] for spelling in words("spelt_surnames")}
_INTRODUCED = re.compile(
    r"(?:我的?名字(?:是|叫)?|俺的?名字(?:是|叫)?|我(?:就)?叫|俺(?:就)?叫|我本人叫|本人叫?|名字(?:就)?(?:叫|是)|"
    r"姓名(?:是|叫)?|我是叫|我(?:的)?全名(?:是|叫)|称呼我|叫我|(?:登记|写|留|"
    r"记)(?:我)?的?名字?(?:就)?(?:写|是|叫)?|联系人(?:是|叫|写)?)(?:做|作)?(?:一下)?(?:呃|嗯|啊|那个)?"
)
_SURNAME = re.compile(r"(?:免贵姓|我?本?人?姓|俺姓|我也姓|贵姓.{0,2}姓)(?:个)?")
_I_AM = re.compile(r"(?:^|[，\n]|你好|您好|喂)(?:我|俺)(?:就)?是|(?:我|俺)就是")
_TITLE = re.compile(r"(先生|女士|小姐|大姐|大哥|师傅|老师|大爷|阿姨)")
_OTHERS = re.compile(
    r"(?:他|她|老板|对方|包工头|司机|老师|医生|书记|主任|经理|邻居|房东|中介|孩子|儿子|闺女|老公|媳妇|父亲|"
    r"母亲|对象)(?:的名字)?$"
)
_ORGANISATION = re.compile(
    r"(?:(?:我|俺|我们|俺们|咱|咱们)(?:这边|这里)?(?:就)?(?:是|在)|这里是|我们单位是|我们公司(?:是|叫)|"
    r"我代表|我单位是|公司名(?:字)?(?:是|叫)|单位(?:是|叫))(?P<name>[一-鿿a-z0-9]{2,20}?(?:公司|集团|工厂|"
    r"板材厂|食品厂|机械厂|化工厂|服装厂|[一-鿿]{1,4}厂|学校|小学|中学|幼儿园|医院|合作社|商行|超市|酒店|"
    r"饭店|商店|经营部|门市|协会|委员会|业委会|村委会|居委会|中心|工作室|律所|律师事务所|养老院|"
    r"企业))(?P<after>的|上班|工作|这边|，|\n|$|里面|打工|干活|任职)"
)
_REPLY = re.compile(
    r"(?:给(?:我|俺)?|打).{0,1}(?<!几)(?<!多)(?:回|答)(?:个|一?下)?(?:电话|话|复|信)|"
    r"(?<![几多两三四五])回(?:个)?电(?:话)?|(?:给|跟)(?:我|俺|"
    r"我们|俺们).{0,3}(?:个)?(?:答复|回复|说法|回话|回音|信儿|准信|结果)|等(?:着|待)?(?:你们?|您)?的?(?:电话|"
    r"回复|答复|消息|回音|回话)|(?:尽快|及时|请|希望|需要|想要|要|麻烦).{0,4}(?:回复|答复|回电|回访)|(?:联系|"
    r"通知)(?:我|俺)(?:一下|一声)?|(?:告诉|告知)(?:我|俺)(?:一下|一声)?(?:结果|进度)|(?:结果|完|"
    r"好).{0,4}(?:告诉|告知)(?:我|俺)|有结果.{0,6}(?:说|告诉|打|回)|回(?:复)?我(?:一下|电话)?"
)
_NO_REPLY = re.compile(
    r"(?:不用|不需要|不必|别|无需|用不着|不要(?:求)?|不要你们?|甭)(?:再)?(?:给我|跟我|给俺)?(?:专门)?(?:回|打|答|联系)(?:复|"
    r"电话|电|访|话|我)?"
)
_CONFIDENTIAL = re.compile(
    r"保密|匿名|别说.{0,3}(?:我|俺)(?:说|讲|反映|举报|打)的|(?:别|不要|不用)(?:说|提|写|登记)(?:我|"
    r"俺)的?(?:名|姓名|名字)|(?:不要|别|不能|不想|不希望|"
    r"不愿|千万别|不可以).{0,6}(?:透露|泄露|泄漏|暴露|说出去|公开我|"
    r"告诉(?:他|她|对方|别人|村|老板|单位|物业|公司|学校)|说是我|让.{0,6}知道|留(?:我)?(?:名字|姓名|名))|(?:怕|"
    r"担心).{0,4}(?:打击)?报复|不(?:想|愿意?|便|方便)(?:透露|留|说)(?:我)?(?:的)?(?:姓名|名字|名|身份)|"
    r"隐私.{0,4}保护|保护.{0,6}(?:我|隐私|举报人)"
)
_NOT_CONFIDENTIAL = re.compile(
    r"(?:不用|不需要|不必|无需|用不着|没必要)(?:给我)?(?:保密|匿名)|(?:可以|能)公开(?:我)?|"
    r"不怕.{0,6}(?:知道|报复)|不匿名"
)


@dataclass(frozen=True)
class Said:
    """A value with the span of its words and how sure it is."""

    value: str | bool
    start: int
    end: int
    confidence: float


def find_names(text: str) -> list[Said]:
    """Return the caller's names as said, the surest first; a surname alone is a name of one character."""
    return sorted(_names(text), key=lambda said: (-said.confidence, -said.start))


def _names(text: str) -> Iterator[Said]:
    for pattern, confidence in ((_INTRODUCED, 0.88), (_I_AM, 0.7)):
        for match in pattern.finditer(text):
            if _OTHERS.search(text[max(0, match.start() - 4) : match.start()]):
                continue
            read = _full_name(text, match.end())
            if read:
                name, end = read
                if pattern is _I_AM and text[end : end + 1] in ("区", "县", "镇", "市"):
                    continue
                sure = confidence - (0.2 if pattern is _I_AM and not _ends_well(text, end) else 0.0)
                yield _spelt_out(text, Said(name, match.end(), end, sure))
    for match in _SURNAME.finditer(text):
        said = _surname(text, match)
        if said:
            yield said


def _surname(text: str, match: re.Match[str]) -> Said | None:
    if _OTHERS.search(text[max(0, match.start() - 4) : match.start()]):
        return None
    start = match.end()
    spelt = next((letters for letters in _SPELT if text.startswith(letters, start)), None)
    if spelt:
        return Said(_SPELT[spelt], start, start + len(spelt), 0.9)
    read = _family(text, start)
    if not read:
        return None
    name, end = read
    called = re.match(r"(?:，|\n|呃)?(?:(?:我)?(?:名字)?叫|名叫|单名一?个?|名)(?:个)?", text[end : end + 6])
    if called and (full := _given(text, end + called.end())):
        given, stop = full
        if given.startswith(name):
            given = given[len(name) :]
        if given:
            return _spelt_out(text, Said(name + given, start, stop, 0.9))
    spelling = next(
        (letters for letters in _SPELT if text[end : end + 12].lstrip("，\n就是").startswith(letters)), None
    )
    if spelling and likeness(name[0], _SPELT[spelling]):
        name = _SPELT[spelling]
    titled = _TITLE.match(text, end)
    return Said(name + (titled[1] if titled else ""), start, titled.end() if titled else end, 0.85)


def _family(text: str, start: int) -> tuple[str, int] | None:
    if text[start : start + 2] in COMPOUND:
        return text[start : start + 2], start + 2
    return (text[start], start + 1) if text[start : start + 1] in SURNAMES and start < len(text) else None


def _given(text: str, start: int) -> tuple[str, int] | None:
    given = ""
    while len(given) < 2 and start + len(given) < len(text):
        character = text[start + len(given)]
        if character in _NOT_GIVEN or not "一" <= character <= "鿿":
            break
        given += character
    return (given, start + len(given)) if given else None


def _full_name(text: str, start: int) -> tuple[str, int] | None:
    family = _family(text, start)
    if family is None:
        return None
    name, end = family
    titled = _TITLE.match(text, end)
    if titled:
        return name + titled[1], titled.end()
    if text[end : end + 1] == "某":
        return None
    given = _given(text, end)
    return (name + given[0], given[1]) if given else None


def _ends_well(text: str, end: int) -> bool:
    return end >= len(text) or bool(
        re.match(r"[，\n]|我|俺|电话|手机|今年|住|家|想|要|是|啊|呃|这个|在", text[end : end + 2])
    )


def _spelt_out(text: str, said: Said) -> Said:
    """Mend homophones by the caller's own spelling: 张建国建设的建国家的国, 弓长张."""
    name = str(said.value)
    after = text[said.end : said.end + 40]
    for letters, family in _SPELT.items():
        if letters in after[:14] and likeness(name[0], family):
            name = family + name[1:]
    for match in re.finditer(r"([一-鿿]{2,4})的([一-鿿])", after):
        character = match[2]
        if character in match[1] and likeness(character, character):
            name = "".join(
                character if place and letter != character and likeness(letter, character) else letter
                for place, letter in enumerate(name)
            )
    return Said(name, said.start, said.end, said.confidence)


def find_organisation(text: str) -> Said | None:
    """Return the organisation that the caller speaks for or belongs to."""
    for match in _ORGANISATION.finditer(text):
        name = match["name"]
        if len(name) >= 4 and not re.match(
            (r"(?:一个|一家|这个|那个|这家|那家|个|家|在|附近|隔壁|楼下|对面|你们|他们|哪)"), name
        ):
            return Said(name, match.start("name"), match.end("name"), 0.7)
    return None


def find_wants_reply(text: str) -> Said | None:
    """Return whether the caller wants a reply, where it was said; the last word counts."""
    no = list(_NO_REPLY.finditer(text))
    spans = [match.span() for match in no]
    yes = [
        one for one in _REPLY.finditer(text) if not any(start < one.end() and one.start() < end for start, end in spans)
    ]
    return _last_said(yes, no)


def find_confidential(text: str) -> Said | None:
    """Return whether the caller asked not to be named; the last word counts."""
    no = list(_NOT_CONFIDENTIAL.finditer(text))
    spans = [match.span() for match in no]
    yes = [
        one
        for one in _CONFIDENTIAL.finditer(text)
        if not any(start < one.end() and one.start() < end for start, end in spans)
    ]
    return _last_said(yes, no)


def _last_said(yes: list[re.Match[str]], no: list[re.Match[str]]) -> Said | None:
    found = [(match.start(), True, match) for match in yes] + [(match.start(), False, match) for match in no]
    if not found:
        return None
    _, value, match = max(found, key=lambda item: item[0])
    return Said(value, match.start(), match.end(), 0.9)
