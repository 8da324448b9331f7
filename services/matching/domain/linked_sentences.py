"""Why a linked calendar could not be read, what its owner can do, and when it is tried again, in Korean, Chinese and
English."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from .schedule import Lang, moment

KEPT: Mapping[Lang, str] = {
    "ko": "마지막으로 읽은 바쁜 시간은 그대로 유지되며, {at}에 자동으로 다시 시도합니다.",
    "zh": "上次读取的忙碌时间仍然有效，系统将于 {at} 自动重试。",
    "en": "The busy times of the last reading stay, and it is tried again by itself on {at}.",
}
SENTENCES: Mapping[str, Mapping[Lang, str]] = {
    "no_address": {
        "ko": "지금은 캘린더 주소의 서버 이름을 찾을 수 없습니다. 계속되면 주소를 확인해 다시 연결해 주세요.",
        "zh": "目前找不到日历网址中的服务器。如果持续出现，请核对网址后重新连接。",
        "en": "The name of the calendar's server was not found. If this goes on, check the address and link it again.",
    },
    "not_public": {
        "ko": "캘린더 주소가 공개 인터넷이 아닌 내부 네트워크로 연결되어 읽지 않았습니다. 공개 주소를 등록해 주세요.",
        "zh": "该日历网址指向内部网络而非公共互联网，因此未读取。请改用公网可访问的网址。",
        "en": "The address leads into a private network, so it was not read. Link an address in the public internet.",
    },
    "timeout": {
        "ko": "캘린더 서버가 제시간에 응답하지 않았습니다.",
        "zh": "日历服务器未在规定时间内响应。",
        "en": "The calendar's server did not answer in time.",
    },
    "tls": {
        "ko": "캘린더 서버의 보안 인증서를 확인할 수 없어 읽지 않았습니다. 캘린더 제공 업체에 문의해 주세요.",
        "zh": "无法验证日历服务器的安全证书，因此未读取。请联系日历服务商。",
        "en": "The certificate of the calendar's server could not be verified, so it was not read. Ask its provider.",
    },
    "connection": {
        "ko": "캘린더 서버에 연결할 수 없거나 연결이 끊겼습니다.",
        "zh": "无法连接日历服务器，或连接中断。",
        "en": "The calendar's server could not be reached, or broke the connection.",
    },
    "too_large": {
        "ko": "캘린더가 4MB를 넘어 읽지 않았습니다. 바쁜 시간만 공개하는 주소나 더 작은 캘린더를 연결해 주세요.",
        "zh": "日历超过 4 MB，因此未读取。请连接仅显示忙闲状态的网址或较小的日历。",
        "en": "The calendar has more than 4 MB, so it was not read. Link its busy-only address, or a smaller calendar.",
    },
    "refused": {
        "ko": "캘린더 서버가 거부했습니다(HTTP {status}). 공유가 해제됐을 수 있으니 새 공유 주소를 연결해 주세요.",
        "zh": "日历服务器拒绝了请求（HTTP {status}）。共享可能已关闭，请重新获取共享网址后连接。",
        "en": "The calendar's server refused (HTTP {status}). It may no longer be shared: link its present address.",
    },
    "busy": {
        "ko": "캘린더 서버가 요청이 많아 나중에 다시 오라고 답했습니다(HTTP {status}). 따로 하실 일은 없습니다.",
        "zh": "日历服务器目前繁忙，要求稍后再试（HTTP {status}）。您无需进行任何操作。",
        "en": "The calendar's server is busy and asks to come back later (HTTP {status}). You need not do anything.",
    },
    "server_error": {
        "ko": "캘린더 서버 쪽에 오류가 있습니다(HTTP {status}). 따로 하실 일은 없습니다.",
        "zh": "日历服务器自身出现故障（HTTP {status}）。您无需进行任何操作。",
        "en": "The calendar's server has trouble of its own (HTTP {status}). You need not do anything.",
    },
    "unexpected": {
        "ko": "캘린더 서버가 캘린더를 보내지 않았습니다(HTTP {status}). 계속되면 주소를 확인해 다시 연결해 주세요.",
        "zh": "日历服务器没有返回日历（HTTP {status}）。如果持续出现，请核对网址后重新连接。",
        "en": "The server sent no calendar (HTTP {status}). If this goes on, check the address and link it again.",
    },
    "redirected": {
        "ko": "캘린더 주소가 바뀌었습니다(HTTP {status}). 안전을 위해 따라가지 않으니 새 주소를 연결해 주세요.",
        "zh": "日历已转到其他网址（HTTP {status}）。出于安全考虑系统不会跟随跳转，请直接连接新网址。",
        "en": "The calendar has another address now (HTTP {status}); for safety it is not followed. Link that one.",
    },
    "no_calendar": {
        "ko": "이 주소의 내용은 캘린더로 읽을 수 없습니다. 일정 4,000개 이하의 iCalendar(.ics)인지 확인해 주세요.",
        "zh": "该网址的内容无法作为日历读取。请确认是 iCalendar（.ics）网址，且日程不超过 4,000 项。",
        "en": "What is there cannot be read as a calendar. It must be iCalendar (.ics), with at most 4,000 events.",
    },
    "too_slow": {
        "ko": "캘린더를 읽는 데 시간이 너무 오래 걸려 중단했습니다. 계속되면 더 작은 캘린더를 연결해 주세요.",
        "zh": "读取日历耗时过长，已中止。如果持续出现，请连接较小的日历。",
        "en": "It took too long to read the calendar. If this goes on, link a smaller one.",
    },
    "too_many_times": {
        "ko": "앞으로 석 달 동안 따로 떨어진 바쁜 시간이 500개를 넘어 읽지 않았습니다. 더 작은 캘린더를 연결해 주세요.",
        "zh": "未来三个月内互不相连的忙碌时段超过 500 个，因此未采用。请连接日程较少的日历。",
        "en": "The next three months have over 500 separate busy times, so none was taken. Link a smaller calendar.",
    },
    "secret_lost": {
        "ko": "저장된 캘린더 주소를 더 이상 열 수 없습니다. 주소를 다시 연결해 주세요.",
        "zh": "已保存的日历网址无法再打开。请重新连接。",
        "en": "The stored address can no longer be opened. Link the calendar again.",
    },
}


def why(reason: str, status: int | None, lang: Lang, *, again_at: dt.datetime, zone: str) -> str:
    """The reason as its owner reads it, what becomes of the busy times, and when it is tried again, by the clock of
    the calendar's zone."""
    kept = KEPT[lang].format(at=moment(again_at, ZoneInfo(zone), lang))
    return f"{SENTENCES[reason][lang].format(status=status or '')} {kept}"
