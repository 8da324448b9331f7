"""The words of a forum's report, in three languages."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]
"""By language."""
TITLE: Words = {"ko": "{} 결과 보고", "zh": "{} 成果报告", "en": "{}: report"}
FORUM: Words = {"ko": "교류회", "zh": "对接会", "en": "Forum"}
PRIVACY: Words = {
    "ko": "{} 미만인 수는 개별 기업이 드러나지 않도록 표시하지 않습니다(–).",
    "zh": "为避免识别出个别机构，小于 {} 的数字不予显示（–）。",
    "en": "Counts below {} are not shown (–), so that no single organisation can be told from them.",
}
FUNNEL: Words = {"ko": "단계별 현황", "zh": "各阶段情况", "en": "How far it came"}
STAGE: Words = {"ko": "단계", "zh": "阶段", "en": "Stage"}
PAIRS: Words = {"ko": "건", "zh": "对数", "en": "Pairs"}
PARTICIPANTS: Words = {"ko": "참가 기업", "zh": "参会机构", "en": "Participants"}
COUNTRIES: Mapping[str, Words] = {
    "KR": {"ko": "한국", "zh": "韩国", "en": "Korea"},
    "CN": {"ko": "중국", "zh": "中国", "en": "China"},
}
STAGES: Mapping[str, Words] = {
    "registered": {"ko": "등록", "zh": "报名", "en": "Registered"},
    "matched": {"ko": "매칭 제안", "zh": "推荐配对", "en": "Matched"},
    "agreed": {"ko": "상호 수락", "zh": "双方同意", "en": "Agreed"},
    "booked": {"ko": "미팅 확정", "zh": "确认会谈", "en": "Booked"},
    "held": {"ko": "미팅 진행", "zh": "完成会谈", "en": "Met"},
}
OUTCOMES: Words = {"ko": "후속 성과", "zh": "后续成果", "en": "What came of it"}
REPORTED: Words = {"ko": "한쪽 이상 보고", "zh": "至少一方报告", "en": "Reported by a side"}
CONFIRMED: Words = {"ko": "양측 확인", "zh": "双方确认", "en": "Confirmed by both"}
STEPS: Mapping[str, Words] = {
    "met": {"ko": "미팅", "zh": "会谈", "en": "Met"},
    "second_meeting": {"ko": "2차 미팅", "zh": "二次会谈", "en": "Second meeting"},
    "nda": {"ko": "비밀유지계약(NDA)", "zh": "保密协议（NDA）", "en": "NDA"},
    "pilot": {"ko": "실증·양해각서(MOU)", "zh": "试点或合作备忘录（MOU）", "en": "Pilot or MOU"},
    "contract": {"ko": "계약", "zh": "签约", "en": "Contract"},
    "entity": {"ko": "현지 법인 설립", "zh": "设立当地公司", "en": "Entity set up"},
}
FIGURES: Words = {"ko": "주요 지표", "zh": "主要指标", "en": "Figures"}
PARITY: Words = {
    "ko": "양국 균형(1 = 같음)",
    "zh": "两国均衡度（1 = 相同）",
    "en": "Parity of the two countries (1 = alike)",
}
MET_SHARE: Words = {"ko": "미팅을 가진 비율, {}", "zh": "有会谈的机构占比：{}", "en": "Share that met somebody, {}"}
EACH: Words = {"ko": "참가 기업당 미팅", "zh": "每家机构会谈次数", "en": "Meetings of a participant"}
GINI: Words = {
    "ko": "쏠림(지니, 0 = 고름)",
    "zh": "集中度（基尼系数，0 = 均匀）",
    "en": "Unevenness (Gini, 0 = all alike)",
}
NO_SHOWS: Words = {"ko": "불참", "zh": "缺席", "en": "No-shows"}
RELEASED: Words = {"ko": "사전 반납", "zh": "提前释放", "en": "Given back"}
UNKNOWN: Words = {"ko": "진행 여부 미확인", "zh": "未确认是否进行", "en": "Not known whether held"}
RATINGS: Words = {"ko": "평가 수", "zh": "评价数", "en": "Ratings"}
MEAN: Words = {"ko": "평균 평점(1~5)", "zh": "平均评分（1–5）", "en": "Mean rating (1 to 5)"}
AGAIN: Words = {"ko": "다시 만나겠다는 응답", "zh": "愿意再次会谈", "en": "Would meet again"}
TABLES: Words = {"ko": "테이블 이용", "zh": "桌位使用", "en": "Use of tables"}
DAY: Words = {"ko": "날짜", "zh": "日期", "en": "Day"}
USED: Words = {"ko": "이용", "zh": "使用", "en": "Used"}
OF: Words = {"ko": "가능", "zh": "可用", "en": "Available"}
