"""Terms are found as people write them, and not inside other words."""

from __future__ import annotations

import pytest

from schemas.common import Text
from services.translation.domain.glossary import Glossary, Term, ambiguous_words, says
from services.translation.domain.quality import failed_checks
from services.translation.engines.glossary import read_glossary

SHIPPED = read_glossary()
SEVEN = "joint-research technology-transfer series-a fundraising semiconductor-equipment incorporation cyber-security"


@pytest.mark.parametrize(
    ("lang", "text", "ids"),
    [
        (
            "ko",
            "공동연구와 기술이전, 시리즈A 투자유치, 반도체장비, 법인설립, 사이버보안을 원합니다.",
            SEVEN,
        ),
        (
            "ko",
            "공동 연구와 기술 이전, 시리즈 A 투자 유치, 반도체 장비, 법인 설립, 사이버 보안",
            SEVEN,
        ),
        ("ko", "의료 기기와 탄소 섬유", "medical-device carbon-fibre"),
        ("ko", "공동연구투자유치", "joint-research fundraising"),
        ("ko", "차량용반도체", "semiconductor"),
        ("ko", "반도체부품 수출", "semiconductor parts export"),
        ("ko", "국내특허와 온도센서, 산업용로봇을", "patent sensor robot"),
        ("ko", "양산 시 문제", "mass-production"),
        ("ko", "온라인유통관리, 탄화수소, 수출입", ""),
        ("ko", "KC인증", "kc-mark"),
        ("zh", "KC 认证", "kc-mark"),
        ("zh", "完成A轮融资", "series-a fundraising"),
        ("en", "We license technology.", "licence"),
        ("en", "A licence and technology licensing", "licence"),
        ("en", "Startups make batteries in smart factories.", "start-up battery smart-factory"),
        ("en", "cybersecurity, cyber-security, testbeds", "cyber-security test-bed"),
        ("en", "localization of data centers and carbon fiber", "localisation data-centre carbon-fibre"),
        ("en", "injection molding and lenses", "injection-moulding lens"),
        # No terms
        ("ko", "경남 양산시에 있는 라인프렌즈 협력사입니다.", ""),
        ("ko", "양산시설 구축", "mass-production"),
        ("ko", "개인재산", ""),
        ("ko", "본인증명", ""),
        ("ko", "인재와 인증", "talent certification"),
        ("zh", "进出口公司，主要进口水果", ""),
        ("zh", "信号输出口", ""),
        ("zh", "主要出口水果", "export"),
        ("zh", "NBA轮播", ""),
        ("zh", "我们提供高质量产品，批量产品", ""),
        ("zh", "量产品质稳定，已量产", "mass-production"),
        ("zh", "产业规模具有优势", ""),
        ("zh", "更换电池", "battery"),
        ("zh", "换电站", "battery-swapping"),
        ("zh", "东风电动车", ""),
        ("zh", "海上风电机组，风电场", "offshore-wind wind-power"),
        ("zh", "拓展会员渠道，经济发展会议", ""),
        ("zh", "参加展会", "trade-fair"),
        ("zh", "无人机械臂", ""),
        ("zh", "家电网络平台", ""),
        ("zh", "国家电网", "power-grid"),
        ("zh", "A轮胎厂家，B轮毂", ""),
        ("zh", "存储能力，金融资产，理清关系，数字人民币", ""),
        ("zh", "货物流转，具备案例，中医美容，招商标准", ""),
        ("zh", "温室气体排放", ""),
        ("ko", "센서스 자료 분석, 수소문 끝에, 게임체인저 기술", ""),
        ("ko", "센서 스마트팩토리와 수소", "sensor smart-factory hydrogen"),
        ("ko", "온실가스 감축, 총판매량", ""),
        ("en", "greenhouse gases, a game changer, 20 parts per million", ""),
        ("en", "partsman, batteriesx", ""),
        ("en", "a licencee-free art board", ""),
    ],
)
def test_terms_are_found_as_people_write_them(lang: str, text: str, ids: str) -> None:
    assert [term.id for term in SHIPPED.find_terms(text, lang)] == ids.split()


@pytest.mark.parametrize(
    ("source", "text", "target", "translation"),
    [
        ("zh", "产品已通过KC认证。", "ko", "제품은 KC인증을 받았습니다."),
        ("zh", "产品已通过KC认证。", "ko", "제품은 KC-인증을 받았습니다."),
        ("ko", "전용실시권을 원합니다.", "en", "We want an exclusive license."),
        ("zh", "专精特新企业", "en", "A specialized and sophisticated SME"),
        ("zh", "我们是高新技术企业。", "ko", "당사는 고신기술 기업입니다."),
        ("zh", "我们是高新技术企业。", "en", "We are a high tech enterprise."),
    ],
)
def test_a_locked_term_may_be_spaced_and_spelt_otherwise(source: str, text: str, target: str, translation: str) -> None:
    assert failed_checks(Text(lang=source, text=text), Text(lang=target, text=translation), SHIPPED) == []


@pytest.mark.parametrize(
    ("source", "text", "target", "translation"),
    [
        ("ko", "전용실시권을 원합니다.", "en", "We want an exclusive right."),
        ("zh", "我们是高新技术企业。", "ko", "당사는 첨단기술 기업입니다."),
    ],
)
def test_another_word_for_a_locked_term_is_found(source: str, text: str, target: str, translation: str) -> None:
    failed = failed_checks(Text(lang=source, text=text), Text(lang=target, text=translation), SHIPPED)
    assert failed == ["locked_terms"]


AI = Term(id="ai", ko="인공지능", zh="人工智能", en="AI", topic="ai", locked=True)
IOT = Term(id="iot", ko="사물인터넷", zh="物联网", en="IoT", topic="network", locked=True)


@pytest.mark.parametrize(
    ("term", "lang", "text", "is_said"),
    [
        (AI, "en", "We maintain and manage factories.", False),
        (AI, "en", "We manage factories with AI-based software.", True),
        (IOT, "en", "We run a radio tower in Seoul.", False),
        (IOT, "en", "IoT sensors", True),
        (AI.model_copy(update={"zh": "AI"}), "zh", "MAIN系统", False),
        (AI.model_copy(update={"zh": "AI"}), "zh", "用AI管理工厂", True),
        (AI.model_copy(update={"ko": "인재"}), "ko", "개인재산을 관리합니다.", False),
        (AI.model_copy(update={"en": "exclusive licence"}), "en", "exclusive licenses", True),
    ],
)
def test_a_locked_term_is_a_word_of_its_own(term: Term, lang: str, text: str, is_said: bool) -> None:
    assert says(term, lang, text) is is_said


def test_a_word_that_only_is_spaced_otherwise_stands_for_two_terms() -> None:
    one, other = (Term(id=id, ko=ko, zh=id, en=id, topic="t") for id, ko in (("甲", "공동 연구"), ("乙", "공동연구")))
    assert ambiguous_words([one, other]) == ["ko: 공동연구"]
    assert Glossary([one]).find_terms("공동연구를", "ko") == [one]
