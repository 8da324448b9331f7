"""The words of schedules and calendars, in three languages."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]
"""By language."""
NO_NAME: Words = {"ko": "(비공개 기관)", "zh": "（未公开的机构）", "en": "(an organisation that is not public)"}
MY_SCHEDULE: Words = {"ko": "내 미팅 일정", "zh": "我的会谈日程", "en": "My meetings"}
TABLE_SCHEDULE: Words = {"ko": "테이블 일정: {}", "zh": "桌位日程：{}", "en": "Schedule of table {}"}
INTERPRETER_SCHEDULE: Words = {"ko": "통역 일정: {}", "zh": "译员日程：{}", "en": "Schedule of interpreter {}"}
MEETING_WITH: Words = {"ko": "{} 미팅", "zh": "与{}会谈", "en": "Meeting with {}"}
BUSY: Words = {"ko": "다른 일정 있음", "zh": "忙碌", "en": "Busy"}
WHO: Words = {"ko": "상대", "zh": "会谈方", "en": "With"}
WHERE: Words = {"ko": "장소", "zh": "地点", "en": "Where"}
ONLINE: Words = {"ko": "온라인", "zh": "线上", "en": "Online"}
NOTHING: Words = {"ko": "확정된 미팅이 없습니다.", "zh": "暂无已确认的会谈。", "en": "No meetings are booked."}
MADE_AT: Words = {"ko": "{} 기준", "zh": "更新于 {}", "en": "As of {}"}
LOCAL_TIME: Words = {"ko": "{} 시간", "zh": "{}时间", "en": "{} time"}
CITIES: Mapping[str, Words] = {
    "Asia/Seoul": {"ko": "서울", "zh": "首尔", "en": "Seoul"},
    "Asia/Shanghai": {"ko": "베이징", "zh": "北京", "en": "Beijing"},
}
