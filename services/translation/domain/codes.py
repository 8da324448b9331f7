"""Fixed terms with numbers in them, and codes such as ISO 9001, IP67, 5G and model numbers."""

from __future__ import annotations

import re

from .figure import Figure, Reading, figure, reading
from .numbers import MAX_DIGITS

_TERMS: list[tuple[re.Pattern[str], list[Reading], bool]] = [
    (
        re.compile(
            r"24\s?/\s?(?:7\s?/\s?)?365(?!\d)|24\s?/\s?7|7\s?[×xX*/]\s?24(?:\s?(?:小时|시간|hours))?|24\s?[×xX*]\s?7"
            r"|(?:365天\s?)?全天候|昼夜不停|(?:주\s?)?7일\s?24시간|7天\s?24小时|연중무휴|상시|24小时不间断|24小时无休"
            r"|365일\s?[,·/×]?\s?(?:하루\s?)?24시간|24시간\s?[,·/×]?\s?(?:연중\s?)?365일"
            r"|365天\s?[,、·/×]?\s?(?:每天\s?)?24小时|24小时\s?[,、·/×]?\s?(?:全年\s?)?365天"
            r"|24 hours a day,? (?:and )?(?:7|seven) days a week(?:,? (?:and )?365 days a year)?"
            r"|24 hours a day,? (?:and )?365 days a year|365 days a year,? (?:and )?24 hours a day"
            r"|(?:around|round)[\s-]the[\s-]clock(?:,? (?:and )?365 days a year)?"
        ),
        [("term", "always"), reading("seconds", 86400)],
        False,
    ),
    (re.compile(r"3차원|3次元|三维|三次元|3维|3-?D(?![A-Za-z0-9])|three-dimensional"), [("term", "3d")], True),
    (re.compile(r"2차원|2次元|二维(?!码)|二次元|2维|2-?D(?![A-Za-z0-9])|two-dimensional"), [("term", "2d")], True),
    (re.compile(r"(?:입체|立体)"), [("term", "3d")], False),
    (re.compile(r"[2이]차\s?전지|二次电池|二次锂电池?|secondary\s(?:batter|cell)"), [("term", "battery")], False),
    (re.compile(r"[1일]차\s?전지|一次电池"), [("term", "primary battery")], False),
    (re.compile(r"六西格玛|6\s?시그마|식스\s?시그마|[Ss]ix\s[Ss]igma|6\s?[Ss]igma"), [("term", "six sigma")], True),
    (re.compile(r"코로나\s?-?19|코로나\s?바이러스|코로나(?![가-힣])|新冠(?:肺炎|病毒)?"), [("code", "COVID19")], False),
    (re.compile(r"双\s?十一|双\s?11(?![\d.,])|광군제|쌍십일|솽스이"), [("term", "double eleven")], False),
]
_IN_ONE = re.compile(
    r"(?P<n>[2-9]|1\d|two|three|four|five|six|[二两三四五六七八九十])"
    r"(?:[\s-]in[\s-](?:1|one)(?![A-Za-z0-9.])|인1(?!\d)|\s?合\s?[一1](?!\d))",
    re.IGNORECASE,
)
_SEVERAL = {word: n for n, word in enumerate("two three four five six".split(), 2)}
_SEVERAL |= {"两": 2, **dict(zip("二三四五六七八九十", range(2, 11), strict=True))}
_FIVE_YEARS = re.compile(r"[“\"‘']?十(?P<n>[一二三四五六七])五[”\"’']?(?!\s?[万亿年个人家])")
_SKIPPED = re.compile(
    r"三只松鼠|第四范式|九号公司|(?:제\s?)?3자\s?물류|3PL(?![A-Za-z])"
    r"|一站式|一体[化机]?|一带一路|一流|一线|一系列|一致|一定|一般|一些|一起|一直|一旦|一方面|一键|一次性|一手|一对一|一切|一贯"
    r"|统一|唯一|单一|之一|进一步|万一|同一|专一|第三方|制三方|제\s?3자|三方|双方|四川|三星|三元(?=锂|材料|正极|电池|前驱|催化|里程)"
    r"|二维码|三农|三甲|三电|五金|四季|八达|九江|十堰|十分(?!之|钟)|百分百|百度|百姓|百货|千岛|千万(?=不要|别|要)|千家万户"
    r"|千人计划|万科|万华|万向|万能|万物|万家|万有|万里|万象|亿纬|亿达|亿欧|千禧|三峡|三亚|三明|三门|六安|七彩|七牛|九州|九龙"
    r"|三八|三一|一汽|二手|三聚|三角|长三角|珠三角|四面|三生|五湖|四海|一帆|百年|百科|千里|千兆|万众|九章|三维通"
    r"|[一二三四五六七八九](?=氧化|氯|氟|甲|乙|苯|酸|氢|聚|醇|胺|硫)|一二三产|一二线|二三线|三四线|二十四节气|五险一金|两化"
    r"|1[\s-]on[\s-]1(?!\d)|1[\s-]to[\s-]1(?!\d)|1对1(?!\d)|일대일(?!로)|일대일로|원스톱|삼성|이차(?=\s?전지)|사물인터넷|one-stop|one-on-one|one-to-one|third[\s-]part(?:y|ies)|second[\s-]hand"
    r"|first[\s-](?:hand|mover|class)"
)
_CODE = re.compile(r"[A-Za-z]{1,24}(?:[A-Za-z0-9]|[-_./+](?=[A-Za-z0-9])){0,40}")
_AREA = re.compile(r"[kcmμn]?m[23](?![A-Za-z0-9])")
_DIGIT_CODE = re.compile(r"\d{1,6}(?:\.\d{1,3})?-?[A-Za-z][A-Za-z0-9]{0,12}(?:-[A-Za-z0-9]{1,12}){0,3}")
_WORD_BEFORE_NUMBER = re.compile(r"[A-Za-z]?[a-z]{2,24}-(?=\d)")
_VERSION = re.compile(r"\d{1,9}(?:\.\d{1,9}){2,5}")
_RUN = re.compile(r"\d[\d,.]*+")
_POWER = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?\s?[x×]\s?)?10\^[-−]?\d{1,3}|\d{1,9}(?:\.\d{1,9})?[eE][-+]?\d{1,2}(?!\w)")
_UNEVEN = re.compile(r",\d{1,2}(?!\d)|,\d{4}")
_LETTERS = re.compile(r"[A-Za-z]{1,30}")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_ELEMENTS = (
    "H|Li|Be|B|C|N|O|F|Na|Mg|Al|Si|P|S|Cl|K|Ca|Ti|V|Cr|Mn|Fe|Co|Ni|Cu|Zn|Ga|Ge|As|Zr|Nb|Mo|Ag|In|Sn|Te|Ba|La|W|Pt|Pb"
)
_FORMULA = re.compile(rf"(?:(?:{_ELEMENTS})\d{{0,2}}){{2,8}}$")
_TRANSLATED = frozenset(
    "B2B B2C B2G B2B2C C2C D2C O2O P2P M2M V2X G2B G2C CO2 O2 N2 H2 H2O PM2.5 PM10 COVID19 WEB3 K12 A2 E2E".split()
)
_GENERATION = re.compile(r"([2-7])G$")


def term_at(text: str, at: int) -> list[Figure] | None:
    """The fixed term that begins here: its figure, or an empty list if it has none. None if there is no term."""
    for pattern, readings, required in _TERMS:
        match = pattern.match(text, at)
        if match:
            return [figure(at, match.end(), readings, required=required)]
    several = _IN_ONE.match(text, at)
    if several and not (at and text[at - 1].isascii() and text[at - 1].isalnum()):
        value = _SEVERAL.get(several["n"].lower()) or int(several["n"])
        return [figure(at, several.end(), [reading("count", value), ("term", f"{value} in 1")])]
    plan = _FIVE_YEARS.match(text, at)
    if plan:
        number = reading("ordinal", 11 + "一二三四五六七".index(plan["n"]))
        years = figure(at, plan.end(), [reading("months", 60), reading("count", 5)], required=False)
        return [figure(at, plan.end(), [number]), years]
    skipped = _SKIPPED.match(text, at)
    if skipped:
        return [figure(at, skipped.end(), [], required=False)]
    return None


def code_at(text: str, at: int) -> Figure | None:
    """The code that begins with a letter here, or the word, which is no figure and is passed over."""
    word = _WORD_BEFORE_NUMBER.match(text, at)
    if word:
        return figure(at, word.end(), [], required=False)
    match = _CODE.match(text, at)
    if match is None:
        return None
    area = _AREA.match(text, at)
    if area:
        return figure(at, area.end(), [], required=False)
    if not any(character.isdigit() for character in match[0]):
        letters = _LETTERS.match(text, at)
        return figure(at, letters.end() if letters else match.end(), [], required=False)
    return _code(match[0], at)


def digit_code_at(text: str, at: int) -> Figure | None:
    """The code that begins with a digit here: 5G, 3C, 802.11ax, 2.4.1."""
    version = _VERSION.match(text, at)
    if version:
        return figure(at, version.end(), [("code", version[0])])
    match = _DIGIT_CODE.match(text, at)
    return _code(match[0], at) if match else None


def malformed_at(text: str, at: int) -> Figure | None:
    """Digits that no number of a text has: too many, or with signs between them that mean nothing."""
    power = _POWER.match(text, at)
    if power:
        return Figure(frozenset({("code", power[0].replace(" ", "").replace("x", "×"))}), at, power.end(), opaque=True)
    match = _RUN.match(text, at)
    if match is None or (len(match[0]) <= MAX_DIGITS and not _UNEVEN.search(match[0])):
        return None
    return Figure(frozenset({("code", match[0].rstrip(",."))}), at, match.end(), opaque=True)


def _code(written: str, at: int) -> Figure:
    name = re.sub(r"[-_/+ ]", "", written).upper()
    readings: list[Reading] = [("code", name)]
    numbers = _DIGITS.findall(written)
    if len(numbers) == 1 and len(numbers[0]) <= MAX_DIGITS:
        readings += [reading(kind, float(numbers[0])) for kind in ("count", "ordinal")]
        if re.fullmatch(r"(?:19|20)\d\d", numbers[0]):
            readings.append(reading("year", int(numbers[0])))
    generation = _GENERATION.match(name)
    if generation:
        readings = [("code", name), reading("ordinal", int(generation[1]))]
    is_translated = name in _TRANSLATED or bool(_FORMULA.match(written))
    return figure(at, at + len(written), readings, required=not is_translated)
