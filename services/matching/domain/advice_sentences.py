"""All sentences of the advice to a profile's owner, in Korean, Chinese and English."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Literal

from .advice import MOST, SOON, STEP, Finding

Lang = Literal["ko", "zh", "en"]
LANGS: tuple[Lang, ...] = ("ko", "zh", "en")
SENTENCES: Mapping[str, Mapping[str, str]] = {
    "not_published": {
        "ko": "프로필이 공개되지 않아 추천 대상이 아닙니다. 공개하면 바로 상대를 찾기 시작합니다.",
        "zh": "档案尚未公开，因此不会被推荐。公开后即开始为您寻找合作方。",
        "en": "The profile is not published, so it is proposed to no one. Publish it to be found.",
    },
    "being_read": {
        "ko": "방금 바뀐 내용을 읽고 있습니다. 잠시 후 다시 확인해 주세요.",
        "zh": "系统正在读取刚更新的内容，请稍后再看。",
        "en": "Your latest changes are still being read. Please look again in a moment.",
    },
    "no_entries": {
        "ko": "제공하는 것과 찾는 것이 아직 없습니다. 하나 이상 적어 주세요.",
        "zh": "档案中还没有供给或需求，请至少填写一项。",
        "en": "There is no offer and no need yet. Add at least one.",
    },
    "certificate_expired": {
        "ko": "유효 기간이 지난 인증이 있어 상대에게 주의 사항으로 표시됩니다. 갱신하거나 삭제해 주세요.",
        "zh": "有认证已过期，会作为注意事项显示给对方。请更新或删除。",
        "en": "A certificate has expired, and partners see that. Renew it or remove it.",
    },
    "country": {
        "ko": "추천은 한국과 중국 사이에서만 이루어집니다. 상대를 직접 지정해 제안할 수는 있습니다.",
        "zh": "推荐仅限中韩两国之间。您仍可直接指定合作方。",
        "en": "Proposals are made between Korea and China only. You may still ask for a partner by name.",
    },
    "desk_full": {
        "ko": "답을 기다리는 제안이 한도까지 찼습니다. 답하시면 새로운 제안을 받을 수 있습니다.",
        "zh": "待答复的建议已达上限。答复后即可收到新的建议。",
        "en": "As many proposals as allowed wait for an answer. Answer some of them to receive new ones.",
    },
    "export_controlled": {
        "ko": "수출 통제 대상으로 표시되어 추천에서 제외됩니다. 표시가 맞는지 확인해 주세요.",
        "zh": "该项标记为出口管制，因此不参与推荐。请确认标记是否正确。",
        "en": "It is marked as export-controlled and therefore left out. Check whether the mark is right.",
    },
    "expired": {
        "ko": "{date}에 유효 기간이 끝나 더 이상 검색되지 않습니다. 계속 유효하다면 기간을 연장해 주세요.",
        "zh": "该项已于{date}到期，不再参与推荐。如仍有效，请延长期限。",
        "en": "It expired on {date} and is no longer found. Extend it if it still stands.",
    },
    "expires_soon": {
        "ko": "{date}에 유효 기간이 끝납니다. {days}일 이내이니 필요하면 연장해 주세요.",
        "zh": "该项将于{date}到期，距今不足{days}天。如有需要请延长期限。",
        "en": "It expires on {date}, in less than {days} days. Extend it if it still stands.",
    },
    "says_nothing": {
        "ko": "무엇을 제공하거나 찾는지 드러나는 문장이 없습니다. 제품이나 기술, 원하는 협력을 적어 주세요.",
        "zh": "没有一句话说明提供什么或需要什么。请用一句话写明产品、技术或希望的合作。",
        "en": "No sentence says what is offered or needed. Name a product, a technology or the co-operation wanted.",
    },
    "too_general": {
        "ko": "내용이 너무 일반적이어서 분야를 알기 어렵습니다. 제품명, 용도, 사양을 구체적으로 적어 주세요.",
        "zh": "内容过于笼统，难以判断属于哪个领域。请写明具体产品、用途或规格。",
        "en": "The text is too general to tell the field. Name products, uses or specifications.",
    },
    "silent_statement.introduction": {
        "ko": "회사 소개로 읽혀 추천에 반영되지 않는 문장입니다.",
        "zh": "这句话被视为公司介绍，不计入匹配。",
        "en": "This sentence reads as an introduction of the company and does not count.",
    },
    "silent_statement.award": {
        "ko": "수상이나 인증에 관한 문장이어서 추천에 반영되지 않습니다.",
        "zh": "这句话介绍的是奖项或认证，不计入匹配。",
        "en": "This sentence is about awards or certificates and does not count.",
    },
    "silent_statement.negated": {
        "ko": "제공하거나 찾지 않는다는 뜻으로 읽혀 추천에 반영되지 않는 문장입니다.",
        "zh": "这句话表示不提供或不需要，因此不计入匹配。",
        "en": "This sentence says that something is not offered or needed, so it does not count.",
    },
    "silent_statement.ended": {
        "ko": "이미 끝난 일로 읽혀 추천에 반영되지 않는 문장입니다.",
        "zh": "这句话说的是已经结束的事项，不计入匹配。",
        "en": "This sentence is about something that has ended, so it does not count.",
    },
    "silent_statement.terms": {
        "ko": "가격, 샘플, 납기 같은 거래 조건만 적혀 있어 추천에 반영되지 않는 문장입니다.",
        "zh": "这句话只涉及价格、样品、交期等交易条件，不计入匹配。",
        "en": "This sentence only states terms of trade, such as price, samples or delivery, and does not count.",
    },
    "silent_statement.wish": {
        "ko": "제공 항목에 적힌 ‘찾습니다’ 문장은 거의 반영되지 않습니다. 찾는 것으로 옮겨 적어 주세요.",
        "zh": "写在供给里的“寻求”语句几乎不计入匹配。请把它移到需求中。",
        "en": "Under an offer, a sentence that asks for something hardly counts. Move it to your needs.",
    },
    "no_counterpart": {
        "ko": "상대국에 이와 같은 유형으로 맞는 곳이 아직 없습니다. 새로 공개되면 자동으로 연결됩니다.",
        "zh": "对方国家目前没有同类的对应需求或供给。一旦有新的公开，系统会自动匹配。",
        "en": "Across the border no counterpart of this kind is public yet. A new one is found by itself.",
    },
    "no_common_language": {
        "ko": "내용이 가까운 상대 가운데 공통 언어가 있는 곳이 없습니다. 가능하면 사용 언어를 추가해 주세요.",
        "zh": "内容相近的合作方与您没有共同语言。如可行，请添加可用语言。",
        "en": "None of those who come close share a language with you. Add one that you can work in.",
    },
    "at_rest": {
        "ko": "최근에 거절되었거나 이미 만난 상대가 있습니다. 6개월 동안은 다시 추천되지 않습니다.",
        "zh": "部分合作方近期已谢绝或会过面，六个月内不会再次推荐。",
        "en": "Some who fit were declined or met recently. They are not proposed again for six months.",
    },
}
COUNTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "near": {
        "ko": (
            "최소 점수에 조금 못 미치는 상대가 {count}곳 이상 있습니다.",
            "최소 점수에 조금 못 미치는 상대는 {step}곳 미만입니다.",
        ),
        "zh": ("略低于最低分的合作方至少有{count}家。", "略低于最低分的合作方不足{step}家。"),
        "en": (
            "At least {count} partners are just below the minimum score.",
            "Fewer than {step} partners are just below the minimum score.",
        ),
    },
    "fitting": {
        "ko": ("최소 점수를 넘는 상대가 {count}곳 이상 있습니다.", "최소 점수를 넘는 상대는 {step}곳 미만입니다."),
        "zh": ("达到最低分的合作方至少有{count}家。", "达到最低分的合作方不足{step}家。"),
        "en": (
            "At least {count} partners reach the minimum score.",
            "Fewer than {step} partners reach the minimum score.",
        ),
    },
}


def first_language(languages: Iterable[str]) -> Lang:
    """The first of a profile's languages in which there are sentences; English without one."""
    return next((known for own in languages for known in LANGS if own == known), "en")


def sentence(finding: Finding, lang: Lang, zone: dt.tzinfo) -> str:
    """What a finding says in a language; days are those of the owner's country."""
    key = f"{finding.code}.{finding.reason}" if finding.reason else finding.code
    date = finding.until.astimezone(zone).date().isoformat() if finding.until else ""
    return SENTENCES[key][lang].format(date=date, days=SOON.days)


def count_sentence(what: str, at_least: int, lang: Lang) -> str:
    """How many others there are, as it may be told (`advice.at_least`); at MOST it is that many or more."""
    several, few = COUNTS[what][lang]
    return several.format(count=min(at_least, MOST)) if at_least else few.format(step=STEP)
