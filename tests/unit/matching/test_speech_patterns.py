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
