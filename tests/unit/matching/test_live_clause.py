"""The end of one thing does not silence the offer of another in the same sentence."""

from __future__ import annotations

import re
from functools import cache

import pytest

from schemas.common import Text
from services.matching.domain.indexed_profile import MIN_WEIGHT
from services.matching.domain.live_clause import live_clause
from services.matching.embedders import embedder
from services.matching.encoder import Encoder

LIVE = """
老款停产，新款激光雷达现货供应|新款激光雷达现货供应
去年项目已结束，今年继续征集新能源项目|今年继续征集新能源项目
国内市场不再代理，专注出口滤芯|专注出口滤芯
已停止生產舊款，新款掃地機器人現貨供應|新款掃地機器人現貨供應
目前不做零售只做批发轴承|只做批发轴承
A轮融资已结束，B轮融资正在进行，欢迎投资机构洽谈|B轮融资正在进行, 欢迎投资机构洽谈
국내 판매는 종료되었으나 수출은 계속합니다|수출은 계속합니다
내수 판매는 중단했지만 해외 공급은 가능합니다|해외 공급은 가능합니다
구형 센서는 단종되었지만, 신형 라이다 센서를 공급합니다|신형 라이다 센서를 공급합니다
We no longer make lead batteries but supply LFP packs.|but supply LFP packs.
Diesel engines are discontinued and electric outboards are in stock|electric outboards are in stock
The first cohort is closed, applications for the second cohort are open|applications for the second cohort are open
We stopped glass production and now offer ceramics|now offer ceramics
We do not sell to shops, we supply factories with bearings|we supply factories with bearings
""".strip().splitlines()
DEAD = """
We do not sell and distribute cosmetics
We do not offer, license or sell the technology
We supplied pumps, but stopped in 2020
This product is discontinued, only repairs are offered
They were sold, and the parts were shipped
본 기술은 판매하지 않으며, 제공하지도 않습니다
공급을 중단했지만 지금도 판매하지 않습니다
不仅不对外出售，也不授权
该项目已结束，感谢各合作伙伴提供支持
已停产，仅提供售后服务
我们不生产电池，电池由供应商提供
生产线已关闭，设备已出售
本技术不对外转让，授权
정밀 모터를 공급합니다
""".strip().splitlines()


@pytest.mark.parametrize("line", LIVE)
def test_a_later_clause_that_deals_is_live(line: str) -> None:
    said, expected = line.split("|")
    assert live_clause(said) == expected


@pytest.mark.parametrize("said", DEAD)
def test_a_clause_that_is_denied_too_is_not_live(said: str) -> None:
    assert live_clause(said) is None


@cache
def encoder() -> Encoder:
    return Encoder(embedder("use-multilingual-3"))


@pytest.mark.parametrize("line", LIVE)
def test_a_statement_with_a_live_clause_weighs_something(line: str) -> None:
    said, _ = line.split("|")
    lang = "ko" if re.search("[가-힣]", said) else "zh" if re.search("[\u4e00-\u9fff]", said) else "en"
    assert max(one.weight for one in encoder().encode([Text(lang=lang, text=said)])[0].statements) > MIN_WEIGHT
