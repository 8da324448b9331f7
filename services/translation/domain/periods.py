"""What the figures of a text are measured per: a year, a kilogram."""

from __future__ import annotations

import re

_PATTERNS = {
    "year": (
        r"(?<![가-힣\d])연(?:간|평균)?(?=\s?\d|\s(?:매출|생산|수출|판매|순|영업|평균|이자|이율|성장|임대|처리|약|최대|총))",
        r"연봉|年薪",
        r"연간|매년|해마다|年(?:产|销|均|营[业收]|收入|出口|利润|处理|产值|产能|发电|租)|每年|/年",
        r"\bper (?:year|annum)|\ba year\b|\bannual(?:ly)?\b|\byearly|\b(?:each|every) year|/ye?a?r\b",
    ),
    "month": (
        r"(?<![가-힣\d])월(?:간|평균)?(?=\s?\d|\s(?:매출|생산|이용|구독|평균|임대|최대|약))",
        r"월급|월봉",
        r"월세|월간|매월|매달|한 달에|월\s?생산|月(?:产|销|供|均|租|收入|营收|处理|薪)|每个?月|/月",
        r"\bper month|\ba month\b|(?<!bi-)\bmonthly\b|\b(?:each|every) month|/mo(?:nth)?\b",
    ),
    "two months": (
        r"격월|(?:두 달|2개월)마다|隔月|每(?:两|2)个?月|双月|\bbi-?monthly\b|\bevery (?:two|2|other|second) months?\b",
    ),
    "quarter": (r"분기마다|분기별|매\s?분기|每个?季度?|按季度|\bper quarter|\bquarterly\b|\b(?:each|every) quarter",),
    "week": (
        r"매주|주당|주간 \d|每周|每星期|周(?:产|均)|/周|\bper week|\ba week\b|(?<!bi-)\bweekly\b|\b(?:each|every) week",
    ),
    "two weeks": (
        r"격주|(?:2|두\s?)주마다|隔周|每(?:两|2)周|双周",
        r"\bbi-?weekly\b|\bfortnightly\b|\bevery (?:two|2|other|second) weeks?\b",
    ),
    "day": (
        r"매일|하루|일일|1일(?=\s\d)|일(?:간|평균)?(?=\s\d[\d,.]{0,12}(?:만|천|톤|명|건|회|개))",
        r"每日|每天|日(?:产|均|处理|供|销)|/[日天]",
        r"\bper day|\ba day\b|\bdaily\b|\b(?:each|every) day|/day\b",
    ),
    "hour": (r"시간당|시속|매시간|每小时|时速|/小时|/h\b|/hr\b|km/h|\bper hour|\ban hour\b|\bhourly\b",),
    "minute": (r"분당|매분|每分钟?|/分钟?|/min\b|rpm|\bper minute|\ba minute\b",),
    "second": (r"초당|초속|매초|每秒|/秒|/s\b|\bper second",),
    "kilogram": (r"/kg\b|kg당|킬로그램당|每公斤|每千克|/公斤|/千克|\bper (?:kg|kilo)",),
    "ton": (r"/t\b|톤당|每吨|/吨|\bper ton",),
    "square metre": (r"/m2|m2당|제곱미터당|每平方?米|/平方?米|\bper square met|\bper sq",),
    "pyeong": (r"평당|每坪|/坪|\bper pyeong",),
    "litre": (r"/[Ll]\b|리터당|每升|/升|\bper lit(?:re|er)",),
    "kilowatt hour": (r"/kWh|kWh당|每千瓦时|每度|/千瓦时|\bper (?:kWh|kilowatt[- ]hour)",),
    "megawatt hour": (r"/MWh|MWh당|每兆瓦时|/兆瓦时|\bper (?:MWh|megawatt[- ]hour)",),
}
_PERIODS = {name: re.compile("|".join(patterns), re.IGNORECASE) for name, patterns in _PATTERNS.items()}


def periods_in(text: str) -> set[str]:
    """The names of what a text measures its figures per."""
    return {name for name, pattern in _PERIODS.items() if pattern.search(text)}
