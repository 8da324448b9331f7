"""The sentences of what a forum does: its plan, and times that it offers. In Korean, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

FORUM_TEMPLATES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "forum.planned": {
        "ko": (
            "포럼 미팅 일정이 확정되었습니다 ({count}건)",
            "포럼에서 진행할 미팅 {count}건의 일정이 확정되었습니다. 시간이 맞지 않으면 해당 미팅만 취소하거나 변경을 "
            "요청하실 수 있습니다.",
        ),
        "zh": (
            "论坛会面日程已确定（{count}场）",
            "贵方在论坛上的{count}场会面日程已确定。如时间不便，可单独取消或申请改期。",
        ),
        "en": (
            "Your forum schedule ({count})",
            "Your {count} meetings at the forum are booked. If a time does not suit you, cancel that meeting or ask "
            "to move it.",
        ),
    },
    "meeting.offered": {
        "ko": (
            "빈 시간 안내 — {name}",
            "포럼 일정에 빈 시간이 생겨 {name} 측과 만나실 수 있게 되었습니다. 일시: {when}. 장소: {venue}. "
            "{lapses}까지 양측이 모두 수락하면 미팅이 확정됩니다. 원하지 않으시면 거절해 주세요.",
        ),
        "zh": (
            "空出时段：可与{name}会面",
            "论坛日程中有时段空出，可安排您与{name}会面。时间：{when}。地点：{venue}。"
            "双方均在{lapses}前同意即告确定；如不需要，谢绝即可。",
        ),
        "en": (
            "A time is free to meet {name}",
            "A time at the forum has become free, so you could meet {name}. Time: {when}. Place: {venue}. "
            "It is booked if both of you accept by {lapses}. If it does not suit you, decline it.",
        ),
    },
    "meeting.offer_ended": {
        "ko": (
            "미팅이 잡히지 않았습니다 — {name}",
            "수락하신 {name} 측과의 미팅은 상대측이 기한 안에 수락하지 않았거나 그 시간이 이미 차서 확정되지 "
            "않았습니다. 일시: {when}. 따로 하실 일은 없습니다.",
        ),
        "zh": (
            "会面未能确定：{name}",
            "您已同意与{name}会面，但对方未在期限内同意，或该时段已被占用，因此未能确定。时间：{when}。"
            "您无需再做任何操作。",
        ),
        "en": (
            "Not booked: {name}",
            "You accepted a meeting with {name}, but they did not accept it in time, or the time is taken. "
            "Time: {when}. There is nothing more for you to do.",
        ),
    },
}
# The same where there is one meeting: Korean and Chinese need no other words for it.
ONE_TEMPLATES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "forum.planned": {
        "en": (
            "Your forum schedule ({count})",
            "Your meeting at the forum is booked. If the time does not suit you, cancel it or ask to move it.",
        ),
    },
}
# The same where none is left, because all were cancelled, moved away or held: it is read from the inbox later.
NONE_TEMPLATES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "forum.planned": {
        "ko": ("포럼 미팅 일정 (남은 미팅 없음)", "포럼에서 앞으로 진행할 미팅이 없습니다."),
        "zh": ("论坛会面日程（已无会面）", "贵方在论坛上目前没有待进行的会面。"),
        "en": ("Your forum schedule (none left)", "You have no booked meetings left at the forum."),
    },
}
