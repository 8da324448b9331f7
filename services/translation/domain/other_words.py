"""Other words that begin with a term of the glossary or hold one across a border of words: 质量产品 has no 量产."""

from __future__ import annotations

import re

# Folded texts, in which capitals are small. What stands behind (?<=) is the end of the word before.
_CHINESE = (
    r"(?<=[进輸输排喷])出口|(?<=安全)出口",
    r"[a-g]?轮(?=[胎毂播椅船轴盘廓辋])",
    r"(?<=[质批数])量产|量产(?=品(?!质)|业|值|生|地)",
    r"(?<=规)模具",
    r"(?<=[更交转变切兑置])换电|换电(?=[池脑话源子线缆压极梯路器芯]|机(?!器))",
    r"(?<=东)风电|风电(?=动[车汽机]|扇|吹|话|脑|池)",
    r"(?<=[拓发扩进开])展会|展会(?=[员议长])",
    r"无人机(?=械|器)",
    r"电网(?=[络站商红页友购点])",
    r"投资(?=[料讯])",
    r"(?<=[确承])认证",
    r"人才(?=能(?![力源]))",
    r"储能(?=力|够)",
    r"(?<=[恒低高])温室|温室(?=气体|效应)",
    r"(?<=匹)配音|配音(?=[箱频响质])",
    r"(?<=[货生药动植矿废])物流",
    r"电梯(?=队)",
    r"开源(?=节流)",
    r"(?<=[中西])医美",
    r"清关(?=[系键])",
    r"(?<=金)融资",
    r"商标(?=准)",
    r"(?<=[储准具设配])备案",
    r"销路(?=线)",
    r"(?<=[最强])大数据",
    r"数字人(?=民)",
    r"(?<=[创更])新材料",
)
_KOREAN = (
    r"양산시(?![설점작험제])|경남양산",
    r"수출입",
    r"프렌즈",
    r"(?:탄화|과산화)수소|수소문",
    r"센서스(?=[^가-힣]|\Z|[를가의에는와]|조사)",
    r"게임\s?체인[저지]",
    r"온실\s?가스|온실\s?효과",
    r"총판매",
    r"바이어스",
)
_ENGLISH = (r"greenhouse (?:gas|effect)", r"game[ -]?chang(?:er|ing)", r"parts per (?:million|billion)")
OTHER_WORDS = {
    "ko": re.compile("|".join(_KOREAN)),
    # Only the term itself is passed over: 更换电池 has no 换电, but 电池.
    "zh": re.compile(f"(?={'|'.join(_CHINESE)})"),
    "en": re.compile("|".join(_ENGLISH)),
}
"""What is passed over where terms are looked for, by language."""
