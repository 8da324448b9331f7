"""A good translation passes; one that loses what must survive is named by the check that it fails."""

from __future__ import annotations

import pytest

from schemas.common import Text
from services.translation.domain.glossary import Glossary, Term
from services.translation.domain.quality import CHECKS, failed_checks
from services.translation.engines.glossary import read_glossary

SHIPPED = read_glossary()


def failed(source: str, text: str, target: str, translation: str, glossary: Glossary = SHIPPED) -> list[str]:
    return failed_checks(Text(lang=source, text=text), Text(lang=target, text=translation), glossary)


GOOD = [
    (
        "ko",
        "비 오는 야간에도 200미터 앞을 읽는 차량용 라이다의 신호 처리 알고리즘과 기준 설계를 이전합니다.",
        "zh",
        "转让车载激光雷达的信号处理算法与参考设计，雨夜也能识别前方200米的目标。",
    ),
    (
        "ko",
        "순도 99.9% 이상의 황화리튬을 매달 50kg씩 안정적으로 공급받을 곳이 필요합니다.",
        "en",
        "We need a reliable supplier of lithium sulphide, 99.9 % pure or better, 50 kg every month.",
    ),
    (
        "ko",
        "국내 양산 라인 증설을 위한 시리즈 B 투자 150억 원을 유치 중입니다.",
        "en",
        "We are raising a Series B of 15 billion won to extend our mass production line in Korea.",
    ),
    ("ko", "연 10만 대를 생산합니다.", "zh", "年产10万台。"),
    ("ko", "연 10만 대를 생산합니다.", "zh", "年产十万台。"),
    ("ko", "연 10만 대를 생산합니다.", "en", "We make 100,000 units a year."),
    ("zh", "年产１０万台谐波减速器，交期四周。", "ko", "연간 10만 대의 하모닉 감속기를 4주 납기로 생산합니다."),
    ("zh", "管理二十亿元新能源基金。", "ko", "20억 위안 규모의 신에너지 펀드를 운용합니다."),
    ("zh", "管理二十亿元新能源基金。", "en", "We manage a new energy fund of RMB 2 billion."),
    ("zh", "求职九成以上成功，注册资本1亿5000万元。", "ko", "취업 성공률 90% 이상, 등록자본금 1억 5천만 위안."),
    (
        "ko",
        "초기 기업에 10억에서 50억 원을 투자하고 한국 고객사를 소개합니다.",
        "en",
        "We invest 1 to 5 billion won in early companies and introduce Korean customers.",
    ),
    (
        "ko",
        "3억 5천만 원의 보조금으로 석 달간 실증합니다.",
        "en",
        "A three-month pilot with a subsidy of 350 million won.",
    ),
    ("en", "A pilot of 6 months with 1.5 million users.", "ko", "150만 명과 함께하는 6개월 실증입니다."),
    ("en", "A pilot of six months.", "zh", "为期半年的试点。"),
    ("ko", "2022년 8월 4일 포럼에 150명이 왔습니다.", "en", "150 people came to the forum on 4 August 2022."),
    ("zh", "能在零下二十度稳定运行的搬运机器人。", "ko", "영하 20도에서도 안정적으로 작동하는 운반 로봇입니다."),
    ("ko", "영하 20도 창고에서도 멈추지 않습니다.", "en", "It does not stop in a store at -20 °C."),
    ("ko", "축전지 50㎡ 시설과 ISO 26262 인증", "zh", "50平方米的蓄电池设施，通过ISO 26262认证"),
    (
        "ko",
        "{name} 님, 자료는 https://hanbit.example/ko 에 있습니다.",
        "zh",
        "{name}，资料见 https://hanbit.example/ko 。",
    ),
    ("ko", "Hanbit Sensor의 AI 소프트웨어", "zh", "Hanbit Sensor的人工智能软件"),
    ("ko", "LG전자와 IoT 센서를 개발했습니다.", "en", "We developed an Internet of Things sensor with LG Electronics."),
    ("zh", "国家级专精特新“小巨人”企业", "ko", "국가급 전정특신 '소거인' 기업"),
    ("zh", "华桥汽车电子寻找合作伙伴。", "en", "Huaqiao Auto Electronics (华桥汽车电子) looks for partners."),
    ("ko", "LiDAR 905nm", "zh", "LiDAR 905nm"),
    ("zh", "诚招代理。", "en", "We are looking for agents."),
    ("en", "Looking for distributors in China.", "zh", "诚征中国经销商。"),
    ("ko", "Deep Learning 기반 Machine Vision 검사", "zh", "基于深度学习的机器视觉检测"),
    ("zh", "Smart Factory与Digital Twin解决方案", "ko", "스마트 팩토리와 디지털 트윈 솔루션"),
    ("ko", "정격 7.5kW, 소음 45dB의 모터", "zh", "额定7.5千瓦、噪音45分贝的电机"),
]


@pytest.mark.parametrize(("source", "text", "target", "translation"), GOOD)
def test_a_good_translation_passes(source: str, text: str, target: str, translation: str) -> None:
    assert failed(source, text, target, translation) == []


KOREAN = "새벽배터리랩은 황화리튬을 매달 50kg씩 공급받을 곳을 찾습니다."
BAD = [
    ("ko", KOREAN, "zh", "新晨电池实验室正在寻找每月可供应500kg硫化锂的供应商。", ["numbers"]),
    ("ko", KOREAN, "zh", "新晨电池实验室正在寻找可供应硫化锂的长期供应商。", ["numbers"]),
    ("ko", KOREAN, "zh", "新晨电池实验室正在寻找每月可供应50吨硫化锂的供应商。", ["units"]),
    ("zh", "单价为12,5元。", "ko", "단가는 12.5위안입니다.", ["figures_unsure"]),
    ("zh", "杂质浓度为3×10⁶个每升。", "ko", "불순물 농도는 리터당 300만 개입니다.", ["figures_unsure"]),
    ("ko", KOREAN, "zh", "새벽배터리랩正在寻找每月可供应50kg硫化锂的供应商。", ["hangul_left"]),
    ("ko", KOREAN, "zh", "We look for a supplier of 50kg lithium sulphide a month.", ["not_chinese"]),
    ("ko", KOREAN, "zh", KOREAN, ["hangul_left", "not_chinese"]),
    ("ko", KOREAN, "en", "새벽배터리랩 looks for a supplier of 50 kg of lithium sulphide a month.", ["cjk_left"]),
    ("ko", KOREAN, "zh", "50kg硫化锂。", ["length"]),
    ("ko", "연 10만 대를 생산합니다.", "zh", "年产1万台。", ["numbers"]),
    ("ko", "연 10만 대를 생산합니다.", "en", "We make 10,000 units a year.", ["numbers"]),
    ("zh", "管理二十亿元新能源基金。", "ko", "2억 위안 규모의 신에너지 펀드를 운용합니다.", ["numbers"]),
    ("zh", "自有矿源，可长期稳定供应碳酸锂。", "ko", "自有矿源，可长期稳定供应碳酸锂。", ["not_korean"]),
    ("zh", "自有矿源，可长期稳定供应碳酸锂。", "ko", "自有鉱山から炭酸リチウムを供給します。", ["not_korean", "kana"]),
    (
        "zh",
        "我们供应半导体检测设备，并在首尔寻找代理商。",
        "ko",
        "We supply semiconductor inspection equipment and look for agents in 서울.",
        ["not_korean"],
    ),
    (
        "ko",
        "반도체 검사 장비를 공급하며 베이징에서 대리점을 찾습니다.",
        "zh",
        "We supply semiconductor inspection equipment and look for agents in 北京.",
        ["not_chinese"],
    ),
    ("ko", "{name} 님, %s 에서 만나요. {{code}}", "zh", "{姓名}，在 %s 见。{{code}}", ["placeholders"]),
    ("ko", "자료는 https://hanbit.example/ko 에 있습니다.", "zh", "资料见 https://hanbit.example/zh 。", ["urls"]),
    ("ko", "문의는 a@hanbit.example 로 주세요.", "zh", "咨询请发邮件至 b@hanbit.example 。", ["emails"]),
    ("ko", "Orion과 OrionX를 공급합니다.", "zh", "供应OrionX和OrionX。", ["names"]),
    ("ko", "Hanbit Sensor와 함께 개발했습니다.", "zh", "与韩光传感器公司共同开发。", ["names"]),
    ("en", "DeepBrain makes avatars for shops.", "zh", "深脑公司为商店制作数字人。", ["names"]),
    ("en", "We are HANBIT Co., Ltd. and sell sensors.", "ko", "저희는 센서를 파는 한빛 주식회사입니다.", ["names"]),
    ("zh", "国家级专精特新企业", "en", "A national enterprise that is special, refined and new", ["locked_terms"]),
]


@pytest.mark.parametrize(("source", "text", "target", "translation", "names"), BAD)
def test_what_is_lost_is_named(source: str, text: str, target: str, translation: str, names: list[str]) -> None:
    assert failed(source, text, target, translation) == names


def test_each_check_goes_red_somewhere() -> None:
    assert {name for *_, names in BAD for name in names} == set(CHECKS)


def test_only_locked_terms_are_demanded() -> None:
    term = Term(id="t", ko="벤처기업 확인", zh="风险企业认证", en="venture business certification", topic="policy")
    said = ("ko", "벤처기업 확인을 받았습니다.", "en", "We are a certified venture company.")
    assert failed(*said, glossary=Glossary([term])) == []
    assert failed(*said, glossary=Glossary([term.model_copy(update={"locked": True})])) == ["locked_terms"]
