"""The sentences of a report, in Korean, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from .causes import Cause
from .helps import Help, HelpKind

Lang = Literal["ko", "zh", "en"]
CAUSE_SENTENCES: Mapping[Cause, Mapping[Lang, str]] = {
    "no_common_slot": {
        "ko": "두 참가자가 함께 비어 있는 시간이 없습니다.",
        "zh": "双方没有共同的空闲时段。",
        "en": "The two have no slot in common.",
    },
    "no_interpreter": {
        "ko": "두 참가자가 있는 시간에 두 언어를 통역할 사람이 없습니다.",
        "zh": "在双方都在场的时段，没有能为这两种语言传译的译员。",
        "en": "No interpreter of their two languages is there when they are.",
    },
    "no_table": {
        "ko": "두 참가자가 있는 시간에 열려 있는 테이블이 없습니다.",
        "zh": "在双方都在场的时段，没有开放的洽谈桌。",
        "en": "No table is open when they are there.",
    },
    "target_reached": {
        "ko": "한쪽이 최대 상담 횟수를 채웠습니다.",
        "zh": "其中一方已达到洽谈次数上限。",
        "en": "One of them has reached the maximum of meetings.",
    },
    "people_taken": {
        "ko": "함께 비어 있던 시간마다 한쪽이 이미 다른 상담을 합니다.",
        "zh": "在每个共同时段，都有一方已安排其他洽谈。",
        "en": "In each slot they have in common, one of them already meets somebody else.",
    },
    "too_far": {
        "ko": "앞뒤 상담 장소에서 제때 이동할 수 없습니다.",
        "zh": "前后两场洽谈之间来不及走到会场。",
        "en": "The walk from or to their other meetings takes too long.",
    },
    "tables_full": {
        "ko": "함께 비어 있는 시간에는 테이블이 모두 찼습니다.",
        "zh": "在双方都空闲的时段，洽谈桌已全部占用。",
        "en": "All tables are taken when both are free.",
    },
    "interpreters_full": {
        "ko": "함께 비어 있는 시간에는 통역이 모두 배정되어 있거나 쉬어야 합니다.",
        "zh": "在双方都空闲的时段，译员已全部排满或需要休息。",
        "en": "All interpreters are taken, or must rest, when both are free.",
    },
}
HELP_SENTENCES: Mapping[HelpKind, Mapping[Lang, str]] = {
    "interpreter": {
        "ko": "{day}에 {languages} 통역이 한 명 더 있으면 상담 {more}건을 더 잡을 수 있습니다.",
        "zh": "{day}增加一名{languages}译员，可多安排{more}场洽谈。",
        "en": "One more {languages} interpreter on {day} places {more} more.",
    },
    "table": {
        "ko": "{day} {hall}에 테이블이 하나 더 있으면 상담 {more}건을 더 잡을 수 있습니다.",
        "zh": "{day}在{hall}增设一张洽谈桌，可多安排{more}场洽谈。",
        "en": "One more table in {hall} on {day} places {more} more.",
    },
    "slot": {
        "ko": "{day}에 시간대를 하나 더 열면 상담 {more}건을 더 잡을 수 있습니다.",
        "zh": "{day}增加一个时段，可多安排{more}场洽谈。",
        "en": "One more slot at the end of {day} places {more} more.",
    },
    "targets": {
        "ko": "참가자의 최대 상담 횟수를 한 번씩 늘리면 상담 {more}건을 더 잡을 수 있습니다.",
        "zh": "将每位参会者的洽谈上限提高一次，可多安排{more}场洽谈。",
        "en": "A maximum of one more meeting for each participant places {more} more.",
    },
}
TABLE_ANYWHERE: Mapping[Lang, str] = {
    "ko": "{day}에 테이블이 하나 더 있으면 상담 {more}건을 더 잡을 수 있습니다.",
    "zh": "{day}增设一张洽谈桌，可多安排{more}场洽谈。",
    "en": "One more table on {day} places {more} more.",
}
"""Where a forum has no halls."""
LANGUAGES: Mapping[Lang, Mapping[str, str]] = {
    "ko": {"ko": "한국어", "zh": "중국어", "en": "영어"},
    "zh": {"ko": "韩语", "zh": "中文", "en": "英语"},
    "en": {"ko": "Korean", "zh": "Chinese", "en": "English"},
}
"""Other languages are named by their codes."""


def help_sentence(help: Help, lang: Lang, halls: Sequence[str]) -> str:
    """What a change would do, for people."""
    names = [LANGUAGES[lang].get(code, code) for code in help.languages]
    joined = {"ko": "·", "zh": "—", "en": "-"}[lang].join(names)
    hall = halls[help.hall] if help.hall < len(halls) else ""
    sentences = TABLE_ANYWHERE if help.kind == "table" and not hall else HELP_SENTENCES[help.kind]
    return sentences[lang].format(day=help.day, more=help.more, hall=hall, languages=joined)
