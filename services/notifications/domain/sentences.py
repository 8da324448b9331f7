"""All sentences of notices and mails, in Korean, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from .forum_sentences import FORUM_TEMPLATES

NO_NAME = {"ko": "공개되지 않은 기관", "zh": "未公开的机构", "en": "an organisation that is no longer public"}

TRANSLATION_MARKS = {
    "ko": {"machine": "기계 번역", "gloss": "용어 풀이", "human": "번역", "original": "원문"},
    "zh": {"machine": "机器翻译", "gloss": "术语对照", "human": "译文", "original": "原文"},
    "en": {"machine": "machine translation", "gloss": "key terms", "human": "translation", "original": "original"},
}
ONLINE = {"ko": "온라인 ({url})", "zh": "线上（{url}）", "en": "online ({url})"}
# In Korean the form of a particle depends on the last sound of the word before it. The sentences put names where no
# such particle follows.
TEMPLATES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    **FORUM_TEMPLATES,
    "match.proposed": {
        "ko": (
            "새로운 협력 제안 — {name}",
            "찾으시는 것과 제공하시는 것이 {name} 측과 잘 맞습니다. 내용을 살펴보시고 {until}까지 답해 주세요.",
        ),
        "zh": ("新的合作建议：{name}", "贵方与{name}的供需相互契合。请查看详情，并于{until}前答复。"),
        "en": (
            "A partner to consider: {name}",
            "Your needs and offers meet those of {name}. Please answer by {until}.",
        ),
    },
    "match.asked": {
        "ko": (
            "만남 제안 — {name}",
            "{name} 측에서 귀사를 지정하여 만남을 제안했습니다. 내용을 살펴보시고 {until}까지 답해 주세요.",
        ),
        "zh": ("对方希望与贵方会面：{name}", "{name}点名希望与贵方合作。请查看详情，并于{until}前答复。"),
        "en": (
            "{name} asks for you",
            "{name} has named you as a partner they would like to meet. Please answer by {until}.",
        ),
    },
    "match.accepted": {
        "ko": (
            "상대측 수락 — {name}",
            "{name} 측에서 먼저 만남을 수락했습니다. 귀측에서도 수락하시면 미팅 시간을 정하실 수 있습니다. "
            "{until}까지 답해 주세요.",
        ),
        "zh": ("对方已同意：{name}", "{name}已同意会面。贵方同意后即可约定时间，请于{until}前答复。"),
        "en": (
            "{name} said yes",
            "{name} would like to meet you. If you accept too, you can arrange a time. Please answer by {until}.",
        ),
    },
    "match.expired": {
        "ko": (
            "제안 기한 만료 — {name}",
            "{name} 측과의 협력 제안은 기한 안에 양측의 수락이 모이지 않아 종료되었습니다.",
        ),
        "zh": ("合作建议已过期：{name}", "与{name}的合作建议未能在期限内获得双方同意，现已失效。"),
        "en": (
            "Proposal expired: {name}",
            "The proposal to meet {name} has expired, as the two of you did not both accept in time.",
        ),
    },
    "match.withdrawn": {
        "ko": ("제안 종료 — {name}", "{name} 측과의 협력 제안이 종료되었습니다. 따로 하실 일은 없습니다."),
        "zh": ("合作建议已终止：{name}", "与{name}的合作建议已终止，您无需再做任何操作。"),
        "en": (
            "No longer available: {name}",
            "The proposal to meet {name} has been withdrawn. There is nothing more for you to do.",
        ),
    },
    "match.agreed": {
        "ko": ("양측 모두 수락 — {name}", "{name} 측과 서로 만나기로 했습니다. 이제 미팅 시간을 정하실 수 있습니다."),
        "zh": ("双方均已同意：{name}", "贵方与{name}都愿意见面，现在可以约定时间。"),
        "en": ("Both sides agreed: {name}", "You and {name} would like to meet. You can arrange a time now."),
    },
    "meeting.requested": {
        "ko": (
            "미팅 요청 — {name}",
            "{name} 측에서 미팅을 요청했습니다. 일시: {when}. 장소: {venue}. "
            "{lapses}까지 확정하지 않으시면 요청이 취소됩니다.",
        ),
        "zh": (
            "会面邀请：{name}",
            "{name}希望与您会面。时间：{when}。地点：{venue}。请于{lapses}前确认，逾期邀请将失效。",
        ),
        "en": (
            "{name} asks for a meeting",
            "{name} would like to meet you. Time: {when}. Place: {venue}. "
            "Please confirm by {lapses}; after that the request lapses.",
        ),
    },
    "meeting.booked": {
        "ko": ("미팅 확정 — {name}", "{name} 측과의 미팅이 확정되었습니다. 일시: {when}. 장소: {venue}."),
        "zh": ("会面已确定：{name}", "与{name}的会面已确定。时间：{when}。地点：{venue}。"),
        "en": ("Meeting booked with {name}", "Your meeting with {name} is booked. Time: {when}. Place: {venue}."),
    },
    "meeting.move_requested": {
        "ko": (
            "미팅 변경 요청 — {name}",
            "{name} 측에서 미팅 변경을 요청했습니다. 희망 일시: {new_when}. 장소: {new_venue}. 현재 일시: {when}. "
            "{move_lapses}까지 확정하지 않으시면 원래 일정대로 진행됩니다.",
        ),
        "zh": (
            "会面变更请求：{name}",
            "{name}希望调整会面安排。建议时间：{new_when}。地点：{new_venue}。原定时间：{when}。"
            "请于{move_lapses}前确认，逾期则维持原安排。",
        ),
        "en": (
            "{name} asks to change your meeting",
            "{name} would like to change your meeting. Time asked for: {new_when}. Place: {new_venue}. "
            "It now stands at {when}. Please confirm by {move_lapses}; otherwise it stays as it is.",
        ),
    },
    "meeting.rescheduled": {
        "ko": (
            "미팅 변경 — {name}",
            "{name} 측과의 미팅이 변경되었습니다. 일시: {when}. 장소: {venue}.",
        ),
        "zh": ("会面已变更：{name}", "与{name}的会面安排已变更。时间：{when}。地点：{venue}。"),
        "en": (
            "Meeting changed: {name}",
            "Your meeting with {name} has changed. Time: {when}. Place: {venue}.",
        ),
    },
    "meeting.move_lapsed": {
        "ko": (
            "변경 요청 만료 — {name}",
            "{name} 측에서 기한 안에 변경을 확정하지 않아 미팅은 원래 일정대로 진행됩니다. 일시: {when}. "
            "장소: {venue}.",
        ),
        "zh": (
            "变更请求已失效：{name}",
            "{name}未在期限内确认变更，会面仍按原安排进行。时间：{when}。地点：{venue}。",
        ),
        "en": (
            "Not changed: {name}",
            "{name} did not confirm the change, so your meeting stays as it is. Time: {when}. Place: {venue}.",
        ),
    },
    "meeting.cancelled": {
        "ko": ("미팅 취소 — {name}", "{name} 측과의 미팅이 취소되었습니다. 취소된 일시: {when}."),
        "zh": ("会面已取消：{name}", "与{name}的会面已取消。原定时间：{when}。"),
        "en": ("Meeting cancelled: {name}", "Your meeting with {name} is cancelled. It was planned for {when}."),
    },
    "meeting.expired": {
        "ko": (
            "미팅 요청 만료 — {name}",
            "{name} 측에서 기한 안에 확정하지 않아 미팅 요청이 만료되었습니다. 요청하신 일시: {when}. "
            "다른 시간으로 다시 요청하실 수 있습니다.",
        ),
        "zh": (
            "会面邀请已失效：{name}",
            "{name}未在期限内确认，您的会面邀请已失效。原邀请时间：{when}。您可以另选时间再次邀请。",
        ),
        "en": (
            "Not confirmed: {name}",
            "{name} did not confirm in time, so your request has lapsed. You had asked for {when}. "
            "You can ask again for another time.",
        ),
    },
    "meeting.no_show": {
        "ko": (
            "열리지 않은 미팅 — {name}",
            "{name} 측과의 미팅이 열리지 않은 것으로 기록되었습니다. 일시: {when}. 실제로 만나셨다면 기록을 정정해 "
            "주세요. 다른 시간에 다시 만나자고 요청하실 수도 있습니다.",
        ),
        "zh": (
            "会面未进行：{name}",
            "与{name}的会面被记录为未进行。时间：{when}。如实际已会面，请更正记录；也可以另约时间再次会面。",
        ),
        "en": (
            "Not held: your meeting with {name}",
            "Your meeting with {name} is recorded as not held. Time: {when}. If you did meet, please correct that; "
            "you can also ask for another time.",
        ),
    },
    "meeting.conflict_detected": {
        "ko": (
            "미팅 일정 확인 필요 — {name}",
            "{name} 측과의 미팅 시간이 다른 일정이나 휴무일과 겹치게 되었습니다. 일시: {when}. "
            "그대로 진행하거나, 시간을 변경하거나, 취소하실 수 있습니다.",
        ),
        "zh": (
            "会面时间出现冲突：{name}",
            "与{name}的会面时间现与其他安排或休息日冲突。时间：{when}。您可以选择保留、改期或取消。",
        ),
        "en": (
            "Please check your meeting with {name}",
            "Your meeting with {name} now clashes with another engagement or a day off. Time: {when}. "
            "You can keep it, move it or cancel it.",
        ),
    },
}
# What a recipient is told about itself: no name of another side.
OWN_TEMPLATES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "address.refused": {
        "ko": (
            "메일 주소를 확인해 주세요",
            "등록하신 주소로 보낸 메일이 존재하지 않는 주소라는 이유로 반송되어, 이 주소로는 메일을 더 이상 보내지 "
            "않습니다. 주소가 맞으면 확인 메일을 다시 요청해 주시고, 틀리면 새 주소를 등록해 주세요. 알림은 이곳에서 "
            "계속 확인하실 수 있습니다.",
        ),
        "zh": (
            "请检查您的邮箱地址",
            "发往您所登记邮箱的邮件因“地址不存在”被退回，我们已停止向该邮箱发送邮件。如地址无误，请重新获取确认邮件；"
            "如有误，请登记新的邮箱。您仍可在此查看所有通知。",
        ),
        "en": (
            "Please check your mail address",
            "A mail to your address came back because the address does not exist, so no more mails are sent there. If "
            "the address is right, ask for a new confirmation mail; if not, enter another one. Your notices still "
            "appear here.",
        ),
    },
}
# The text for a request to move that has been confirmed, replaced or has lapsed: its time is not known any more.
MOVE_SETTLED: Mapping[str, str] = {
    "ko": "{name} 측의 미팅 변경 요청은 처리되었습니다. 현재 일시: {when}. 장소: {venue}.",
    "zh": "{name}的变更请求已处理完毕。现定时间：{when}。地点：{venue}。",
    "en": "The request of {name} to change your meeting has been settled. It now stands at {when}. Place: {venue}.",
}
# Texts about a move of a meeting that is booked no more: it was cancelled, held or missed.
MOVE_OVER: Mapping[str, Mapping[str, str]] = {
    "meeting.move_requested": {
        "ko": "{name} 측의 미팅 변경 요청은 처리되었습니다. 답변하실 필요가 없습니다.",
        "zh": "{name}的变更请求已处理完毕，无需再答复。",
        "en": "The request of {name} to change your meeting has been settled. It needs no answer any more.",
    },
    "meeting.move_lapsed": {
        "ko": "{name} 측에서 기한 안에 변경을 확정하지 않아 당시 미팅 일정은 변경되지 않았습니다.",
        "zh": "{name}未在期限内确认变更，当时的会面安排未作变动。",
        "en": "{name} did not confirm the change, so your meeting was not changed then.",
    },
}
# What a mail has around its notices.
DIGEST_SUBJECT = {
    "ko": "새로운 협력 제안 {n}건이 도착했습니다",
    "zh": "您收到{n}条新的合作建议",
    "en": "{n} new partners to consider",
}
EVIDENCE_LABEL = {"ko": "상대측 소개", "zh": "对方介绍", "en": "In their words"}
INVITATION_SUMMARY = {"ko": "미팅: {name}", "zh": "会面：{name}", "en": "Meeting: {name}"}
FOOTER = {
    "ko": "한중 혁신 협력 플랫폼 Magpie에서 보내 드리는 알림입니다. 협력 제안 모음 메일은 아래 링크에서 언제든지 "
    "받지 않으실 수 있습니다. 미팅 안내 메일은 계속 보내 드립니다.",
    "zh": "本邮件由韩中创新合作平台 Magpie 发送。如不希望再收到合作建议汇总邮件，可随时通过以下链接退订；"
    "会面通知仍会照常发送。",
    "en": "Sent by Magpie, the Korean-Chinese innovation bridge. You can stop the mails about new proposals at any "
    "time with the link below; mails about your meetings will still come.",
}
UNSUBSCRIBE_BUTTON = {"ko": "제안 메일 그만 받기", "zh": "退订合作建议邮件", "en": "Stop mails about proposals"}
UNSUBSCRIBE_DONE = {
    "ko": "협력 제안 모음 메일을 더 이상 보내지 않습니다. 미팅 안내 메일은 계속 보내 드립니다.",
    "zh": "我们不会再向您发送合作建议汇总邮件。会面通知仍会照常发送。",
    "en": "No more mails about proposals will come. Mails about your meetings still do.",
}
# The mail and the page by which an address is confirmed.
CONFIRM_SUBJECT = {
    "ko": "메일 주소를 확인해 주세요 — Magpie",
    "zh": "请确认您的邮箱地址 — Magpie",
    "en": "Please confirm your mail address — Magpie",
}
CONFIRM_TEXT = {
    "ko": "한중 혁신 협력 플랫폼 Magpie에 이 메일 주소가 알림 수신 주소로 등록되었습니다. 직접 등록하셨다면 24시간 "
    "안에 아래 링크에서 확인해 주세요. 등록하신 적이 없다면 이 메일은 무시하셔도 됩니다. 확인 전에는 이 주소로 알림을 "
    "보내지 않습니다.",
    "zh": "有人在韩中创新合作平台 Magpie 将此邮箱登记为通知接收地址。如果是您本人操作，请在24小时内通过以下链接确认。"
    "如果不是您本人操作，请忽略本邮件；未经确认，我们不会向此邮箱发送通知。",
    "en": "Somebody has entered this address at Magpie, the Korean-Chinese innovation bridge, to get notices by mail. "
    "If it was you, please confirm it within 24 hours with the link below. If it was not, ignore this mail: without a "
    "confirmation no notices will be sent here.",
}
CONFIRM_BUTTON = {"ko": "메일 주소 확인", "zh": "确认邮箱地址", "en": "Confirm this address"}
CONFIRM_ASK = {
    "ko": "이 메일 주소로 Magpie 알림을 받으시려면 아래 버튼을 눌러 주세요.",
    "zh": "如需通过此邮箱接收 Magpie 的通知，请点击下方按钮。",
    "en": "To get notices of Magpie at this mail address, use the button below.",
}
CONFIRM_DONE = {
    "ko": "메일 주소가 확인되었습니다. 이제 이 주소로 알림을 보내 드립니다.",
    "zh": "邮箱地址已确认，今后的通知将发送到此邮箱。",
    "en": "The address is confirmed. Notices will be sent here from now on.",
}
CONFIRM_STALE = {
    "ko": "이미 사용했거나 기한이 지난 링크입니다. 필요하시면 Magpie에서 확인 메일을 다시 요청해 주세요.",
    "zh": "此链接已使用或已过期。如有需要，请在 Magpie 中重新获取确认邮件。",
    "en": "This link has been used or has expired. If you need another one, ask for a new mail in Magpie.",
}

PLANNED_LINE = "{when} | {name} | {venue}"
"""A meeting in the notice of a plan; the same in all languages."""
