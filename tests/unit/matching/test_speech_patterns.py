"""What the patterns of speech hear in a statement, without a model: denials, ends and wishes, and what only sounds like
them."""

from __future__ import annotations

import pytest

from services.matching.domain.speech import cues, has_ended, is_wish

TRADITIONAL = "暫不轉讓該專利 無意出售本技術 目前沒有採購計劃 該生產線已關閉 不對外授權 業務已剝離 已停產 謝絕代理"


@pytest.mark.parametrize("said", [*TRADITIONAL.split(), "Ｓｏｌｄ　ｏｕｔ"])
def test_traditional_characters_deny_as_simplified_ones_do(said: str) -> None:
    assert cues(said)[0] or has_ended(said)


@pytest.mark.parametrize(
    "said",
    [
        "尋求技術合作",
        "尋找代理商",
        "徵求合作夥伴",
        "求購軸承",
        "誠徵經銷商",
        "Ｌｏｏｋｉｎｇ　ｆｏｒ valves",
        "缺少零件",
    ],
)
def test_a_wish_is_heard_in_any_script_and_width(said: str) -> None:
    assert is_wish(said)


ENDED = """
该设备已出售给北京的公司
生产线已转让给一家企业
过去经营餐饮
We sold our battery business
We used to make valves
Valves are what we used to sell
The line has been transferred to another firm
2023년까지만 판매했습니다
2023년까지만 판매했던 모델입니다
No further orders, please
""".strip().splitlines()
NOT_ENDED = """
已出售给20家医院的CT设备，欢迎采购
已转让给多家企业的成熟技术，可继续授权
过去做外贸代工，如今自有品牌出口
We sold the first 100 units of our exoskeleton and now accept orders
We have closed the loop: recycled PET resin
The tool we used to measure is for sale
The line has been transferred to our new plant and doubled its capacity
We closed our Series A and are now raising Series B
판매가 급증하여 멈췄던 라인을 재가동
现改做出口
no further requests needed: full turnkey plants
2023년까지만 판매했던 모델을 재생산
""".strip().splitlines()


@pytest.mark.parametrize("said", ENDED)
def test_an_end_is_heard(said: str) -> None:
    assert has_ended(said)


@pytest.mark.parametrize("said", NOT_ENDED)
def test_a_reference_or_an_expansion_is_no_end(said: str) -> None:
    assert not has_ended(said)
    assert not cues(said)[0]


MARKETING = """
Don't miss our new collagen peptide line
Do not worry about leaks: our valves last
Do not compromise on quality, buy our bearings
We don't outsource: all injection moulds are made in-house
We cannot be matched in price: steel pipes
We will not be beaten on price: stainless pipes
Our quality can't be beaten: forged flanges
End-of-life and discontinued parts sourcing service
Obsolete and discontinued components in stock
无需开模，3D打印服务
拒绝中间商赚差价，厂家直销碳纤维管
拒绝甲醛，环保乳胶漆厂家
没有中间商，工厂直供轴承
告别繁琐，智能装配线
어디서도 볼 수 없습니다: 수제 도자기
拒絕中間商，工廠直供軸承
""".strip().splitlines()
REALLY_DENIED = """
Distributor positions in Korea have been filled.
The vacancy has been filled
For internal use only
All production slots are booked; no capacity left.
We have no capacity for new orders
물량이 꽉 차서 주문을 받을 수 없습니다
생산 일정이 꽉 차 있습니다
더 공급할 수 없음
대리점 모집은 올해는 쉽니다
这条产线去年卖掉了
目前只供集团内部使用
代理名额已满
代理名額已滿
无需采购，谢谢
拒绝合作，谢绝来电
没有采购计划，暂不考虑
We do not outsource our technology to others
We don't miss sales of valves and no longer sell them
The parts are discontinued
Discontinued parts cannot be supplied
""".strip().splitlines()


@pytest.mark.parametrize("said", MARKETING)
def test_what_advertisements_refuse_is_no_denial(said: str) -> None:
    assert not cues(said)[0]
    assert not has_ended(said)


@pytest.mark.parametrize("said", REALLY_DENIED)
def test_a_denial_in_other_words_is_heard(said: str) -> None:
    assert cues(said)[0] or has_ended(said)


NO_WISH = """
혹시 고효율 LED 조명을 찾고 있으신가요?
혹시 고효율 LED 조명을 찾고 있으신가요
企业急需的检测设备现货供应
您缺少的配件我们都有
您還在尋找可靠的供應商嗎？
你寻找的轴承这里都有
The most wanted K-beauty masks
Are you seeking a pump?
Looking for reliable CNC machining?
If you are looking for valves, buy from us
Whatever you're looking for, we make it
We wanted to make it simple
Robot seeking charging station
8시간 충전이 필요합니다
일손 부족합니까? 수확 로봇
고객이 원합니다
고객사가 이 센서를 찾습니다
征集到的优秀项目展示
""".strip().splitlines()
WISHES = """
고효율 LED 조명을 찾고 있습니다
검사 장비를 공급할 업체가 있을까요? 찾고 있습니다
LED를 찾고 있는데 공급이 가능할까요?
企业急需检测设备
我公司急需的配件如下
我们寻求韩国代理商，您有兴趣吗？
Distributors wanted
We want to buy pumps
We wanted to buy pumps
We are looking for distributors, do you know one?
Company seeking charging stations
충전 설비가 필요합니다
인력이 부족합니다
고객 관리 솔루션을 찾습니다
征集优秀项目
""".strip().splitlines()


@pytest.mark.parametrize("said", NO_WISH)
def test_what_customers_are_asked_or_want_is_no_wish_of_the_firm(said: str) -> None:
    assert not is_wish(said)


@pytest.mark.parametrize("said", WISHES)
def test_a_wish_of_the_firm_is_one(said: str) -> None:
    assert is_wish(said)


VACANCIES = """
[채용공고] 해외영업 경력직 모집 (4대보험 가입)
신입 연구원(석사 이상) 0명 모집, 연봉 협의
招聘：机械工程师2名，五险一金
招聘外贸业务员，底薪+提成
誠聘：機械工程師
Apply now for the position of embedded software engineer in Seoul
Job opening: QA engineer
Please send your CV to our office
""".strip().splitlines()
NO_VACANCIES = """
채용공고 수집 솔루션을 판매합니다
인재 채용 플랫폼을 공급합니다
연봉 데이터 분석 서비스
提供招聘系统和人事软件
招聘平台
기술 인력 교육 서비스
Software for job openings and payroll
""".strip().splitlines()


@pytest.mark.parametrize("said", VACANCIES)
def test_a_vacancy_asks_for_staff(said: str) -> None:
    assert is_wish(said)


@pytest.mark.parametrize("said", NO_VACANCIES)
def test_what_is_sold_to_employers_is_no_vacancy(said: str) -> None:
    assert not is_wish(said)
