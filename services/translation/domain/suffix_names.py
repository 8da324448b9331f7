"""The names of what numbers count, in three languages: counters, money, durations, parts of dates, percentages."""

from __future__ import annotations

from fractions import Fraction

Option = tuple[str, Fraction]
"""A kind of figure, and what the number is multiplied with for it."""
ONE = Fraction(1)
DAY, HOUR, MINUTE = Fraction(86400), Fraction(3600), Fraction(60)
_KWH = Fraction(3_600_000_000)
"""In the base units of the units library."""
_COUNT: tuple[Option, ...] = (("count", ONE),)
_RANKED: tuple[Option, ...] = (("ordinal", ONE), ("count", ONE))
_MONTHS: tuple[Option, ...] = (("months", ONE),)
_YEARS: tuple[Option, ...] = (("months", Fraction(12)),)
TABLE: list[tuple[str, tuple[Option, ...]]] = [
    # Parts of a whole
    ("% 퍼센트 프로 percent per\u00a0cent pct 百分比", (("ratio", Fraction(1, 100)), ("kept", Fraction(1, 100)))),
    ("‰ 퍼밀", (("ratio", Fraction(1, 1000)),)),
    ("할 成", (("ratio", Fraction(1, 10)), ("kept", Fraction(1, 10)))),
    (
        "%p %P %포인트 %\u00a0포인트 퍼센트포인트 퍼센트\u00a0포인트 프로포인트 百分点 个百分点 个百分比点",
        (("points", ONE),),
    ),
    ("percentage\u00a0points percentage\u00a0point %\u00a0points pp ppt pts", (("points", ONE),)),
    ("bp 个基点 基点 베이시스포인트 basis\u00a0points", (("points", Fraction(1, 100)),)),
    ("折", (("折", ONE),)),
    ("배 倍 fold -fold", (("multiple", ONE),)),
    ("x X × times", (("multiple", ONE), ("count", ONE))),
    # Durations and parts of dates
    ("년 年", (("year", ONE), ("months", Fraction(12)))),
    ("载 년간 년여 개년 개년간 年间 年内 年多 年期 year years -year yr yrs", _YEARS),
    ("个月 個月 个多月 개월 개월간 달 달간 month months -month", _MONTHS),
    ("월 月", (("month", ONE),)),
    ("月份", (("month", ONE),)),
    ("quarters", (("months", Fraction(3)), ("quarters", ONE))),
    ("decade decades", (("months", Fraction(120)),)),
    ("주 주간 주일 周 个星期 星期 礼拜 week weeks -week wk wks", (("seconds", 7 * DAY),)),
    ("일 日", (("day", ONE), ("seconds", DAY))),
    ("号", (("day", ONE), ("ordinal", ONE), ("count", ONE))),
    (
        "일간 일\u00a0간 일\u00a0동안 日间 天 个工作日 工作日 个自然日 自然日 영업일 자연일 day days -day",
        (("seconds", DAY),),
    ),
    (
        "working\u00a0days business\u00a0days calendar\u00a0days",
        (("seconds", DAY),),
    ),
    ("시간 小时 个小时 个多小时 小時 钟头 hour hours -hour hr hrs h", (("seconds", HOUR),)),
    ("분 분간 分钟 分 minute minutes -minute min mins", (("seconds", MINUTE),)),
    ("초 초간 秒 秒钟 second seconds -second sec secs", (("seconds", ONE),)),
    ("시 点 點 点钟 时", (("clock", HOUR),)),
    ("点", (("clock", HOUR), ("count", ONE))),
    ("세기 世纪", (("ordinal", ONE), ("century", ONE))),
    ("년대 年代", (("decade", ONE),)),
    ("분기 季度 个季度", (("quarter", ONE), ("quarters", ONE))),
    ("도 度", (("celsius", ONE), ("degree", ONE), ("[mass] * [length] ** 2 / [time] ** 2", _KWH))),
    ("度电", (("[mass] * [length] ** 2 / [time] ** 2", _KWH),)),
    ("° deg degree degrees", (("degree", ONE), ("celsius", ONE))),
    ("세 살 岁 周岁", (("age", ONE), ("count", ONE))),
    (
        "years\u00a0old year-old -year-old years-old years\u00a0of\u00a0age",
        (("age", ONE), ("months", Fraction(12)), ("count", ONE)),
    ),
    ("주년 周年", (("months", Fraction(12)), ("ordinal", ONE))),
    ("个点", (("points", ONE), ("count", ONE))),
    ("년차 년\u00a0차", (("ordinal", ONE), ("months", Fraction(12)))),
    # Ranks; many of them count as well (2단계: phase two, or two phases)
    ("번째 번째로 번 위 位居", _RANKED),
    ("차 단계 기 기째 호 호선 등 등급 급 층 세대 회 회차 동 번지 상 종 조 류", _RANKED),
    ("期 层 楼 级 等 代 线 类 届 厂 版 院 部 路 轮 批 段 甲 阶段 号楼 号线", _RANKED),
    # Counters
    (
        "명 인 분 곳 가지 대 건 번 장 권 채 팀 개 개사 개국 개소 마리 세트 박스 상자 병 캔 봉 포",
        _COUNT,
    ),
    (
        "정 알 매 본 점 석 실 면 척 량 편",
        _COUNT,
    ),
    (
        "군데 차례 사람 회사 나라 도시 업체 기업 개\u00a0도시 개\u00a0국가",
        _COUNT,
    ),
    (
        "축 자유도 채널 층짜리 여명 여개 사 부 자리 행 줄 쌍 켤레 벌 좌 그루 병상",
        _COUNT,
    ),
    (
        "个 個 名 人 位 家 台 套 件 项 項 条 款 种 次 辆 座 所 间 处 块 片 颗 粒 只 支 根 张 張",
        _COUNT,
    ),
    (
        "本 份 栋 幢 大 组 队 对 步 场 起 笔 箱 瓶 盒 袋",
        _COUNT,
    ),
    (
        "包 桶 国 省 市 县 城 口 户 头 尾 棵 架 艘 节 门 通道 轴 人次 人份 车次 多名",
        _COUNT,
    ),
    ("枚 册 篇 例 单 样 股 顶 城市 国家 方", _COUNT),
    # Money
    ("원 韩元 韩币 韩圆 원화 won KRW", (("KRW", ONE),)),
    ("위안 위안화 元 元人民币 人民币 元整 块 块钱 yuan RMB CNY renminbi 위안의", (("CNY", ONE),)),
    ("달러 불 미달러 美元 美金 美刀 dollar dollars USD US\u00a0dollars U.S.\u00a0dollars 弗", (("USD", ONE),)),
    ("엔 엔화 日元 日圆 yen JPY", (("JPY", ONE),)),
    ("유로 유로화 欧元 euro euros EUR", (("EUR", ONE),)),
    ("파운드", (("GBP", ONE), ("[mass]", Fraction("453.59237")))),
    ("英镑 GBP pounds\u00a0sterling", (("GBP", ONE),)),
    ("홍콩달러 홍콩\u00a0달러 港元 港币 HKD HK\u00a0dollars", (("HKD", ONE),)),
    ("대만달러 台币 新台币 TWD NTD", (("TWD", ONE),)),
    ("싱가포르달러 싱가포르\u00a0달러 新元 新加坡元 SGD", (("SGD", ONE),)),
    ("卢布 루블 RUB", (("RUB", ONE),)),
    ("동화 越南盾 VND", (("VND", ONE),)),
    ("루피 卢比 INR", (("INR", ONE),)),
]
# What begins like a suffix and is another word: 3배터리, 5명령, 2시장.
NOT_BEFORE = {
    "배": "터출송치당전경급기관선",
    "프로": "그젝세토모필",
    "원": "자료격형천단심산",
    "시": "장대설스공범작험스즌리",
    "분": "야류할석리산말",
    "주": "문요행거식택제파변",
    "일": "반상괄련본",
    "월": "드급등",
    "도": "시체",
    "할": "인당",
    "인": "증프터치큐공재허",
    "대": "비학상형응기다규역표",
    "건": "물설강축조",
    "번": "역",
    "장": "비치점",
    "명": "령칭",
    "개": "발선월년",
    "차": "종량별",
    "위": "안치원해험",
    "기": "업술관반존능여계가준",
    "호": "환텔",
    "회": "사전원계",
    "부": "품문족",
    "상": "품장태",
    "종": "합료목",
    "조": "건사",
    "사": "용업람",
    "동": "안일",
    "점": "유검",
    "면": "적",
    "실": "시증험",
    "정": "도밀",
    "본": "사",
    "포": "함럼",
    "매": "출월년일주달",
    "석": "사유",
    "알": "루",
    "급": "속증",
    "달": "성러",
    "초": "기반고중과음등전",
    "불": "량",
    "엔": "진드지",
    "元": "素件器",
    "成": "立功",
    "折": "叠",
    "点": "击",
    "时": "间代",
    "天": "然线津",
    "代": "理表码",
    "大": "学",
    "人": "工民才",
    "方": "面案米法式",
    "部": "分件署",
    "期": "间待",
    "家": "电具",
    "本": "地土科公次",
    "单": "价位",
    "位": "于置",
    "种": "植",
    "起": "草",
    "台": "湾",
    "市": "场",
    "块": "链",
    "处": "理",
    "组": "织装",
    "分": "之",
    "周": "边围",
    "国": "际内产",
}
