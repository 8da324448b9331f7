"""What a statement does: words of a denial that only say what goods are like deny nothing; a real denial does."""

from __future__ import annotations

import re
from functools import cache

import pytest

from schemas.common import Text
from services.matching.domain.speech import cues
from services.matching.embedders import embedder
from services.matching.encoder import SAYS_SOMETHING, Encoder

OFFERED = """
서비스 중단 없는 클라우드 이전 솔루션을 제공합니다.
생산 중단 없이 설비를 교체하는 기술을 공급합니다.
이미 특허를 확보한 전고체 배터리 기술을 이전합니다.
供应紧急停止按钮。
供应已停产芯片的替代型号。
We supply replacements for discontinued chips.
We do not only sell equipment, we also license the process.
We offer batteries that do not burn.
提供无需电池的RFID标签。
提供不接触式红外测温仪。
단종 반도체의 대체품을 공급합니다.
We offer a sensor that can not be jammed.
녹슬지 않는 코팅 소재를 판매합니다.
끊김 없는 영상 전송 모듈을 납품합니다.
이미 CE 인증을 획득한 의료기기를 수출합니다.
단종 부품 재생산 서비스를 제공합니다.
무정전 전원장치와 비상 정지 스위치를 판매합니다.
供应不停机在线清洗设备。
提供免拆卸、不停产的管道修复技术。
出售不粘锅涂层材料。
不仅销售设备，还转让工艺。
提供停产车型的零部件。
We sell lubricants that never dry out.
Spare parts for discontinued machines are supplied.
Our pumps run without stopping for ten years.
We not only import cosmetics but also distribute them.
현재 양산 중인 라이다를 공급합니다.
이미 양산 중인 전기차 모터를 판매합니다.
보안 사업부에서 CCTV 솔루션을 공급합니다.
천안 사업장에서 생산한 센서를 판매합니다.
흠집이 나지 않는 필름을 생산해 납품합니다.
별도 공사 없는 스마트팜 설비를 보급합니다.
현재 상용화한 수소 충전 기술을 이전합니다.
생산라인을 멈추지 않고 검사하는 비전 시스템입니다.
我们提供无需编程的工业机器人。
提供停产芯片的兼容替代方案。
转让已获得发明专利的电机技术。
We make paints which do not fade in the sun.
Our software updates robots without downtime.
""".strip().splitlines()
DENIED = """
라이다 신호 처리 기술은 외부에 이전하지 않습니다.
이 사업은 중단했습니다.
배터리 생산을 종료하였습니다.
더 이상 공급하지 않습니다.
이미 공급사를 확보하여 추가 구매 계획이 없습니다.
이미 파트너를 선정했습니다.
투자 유치는 마감되었습니다.
해당 제품은 단종되었습니다.
현재 대리점은 모집하지 않습니다.
该产品已停产。
我们不转让核心技术。
暂停对外供货。
已停止招商。
无需采购。
不需要代理商。
不仅不对外出售，也不授权。
恕不接受委托加工。
We no longer sell batteries.
This product has been discontinued.
We do not license this technology.
We are not looking for distributors.
The line was closed in 2023.
Our chips are not for sale.
We will not import cosmetics.
공급 중단 없이 이어가던 사업을 작년에 정리했습니다.
판매 계획이 없는 제품입니다.
더는 위탁 생산을 받지 않습니다.
仅供内部使用，不对外销售。
机器人业务已经退出。
We have stopped making displays.
외부에 판매하지 않는 자체 제품입니다.
이미 종료된 사업입니다.
현재 납품하는 곳 외에는 공급하지 않습니다.
단종된 모델이라 공급할 수 없습니다.
본 기술은 양도할 의사가 없습니다.
停产后不再接单。
无需代理的产品，请勿联系。
此项目已终止招商。
A technology which cannot be licensed to others.
We do not need any more distributors.
""".strip().splitlines()
NAMES = "use-multilingual-3", "use-e5-1"


@cache
def encoder(name: str) -> Encoder:
    return Encoder(embedder(name))


def weight(name: str, statement: str) -> float:
    lang = "ko" if re.search("[가-힣]", statement) else "zh" if re.search("[\u4e00-\u9fff]", statement) else "en"
    return max(one.weight for one in encoder(name).encode([Text(lang=lang, text=statement)])[0].statements)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("statement", OFFERED)
def test_what_goods_do_not_do_is_offered(name: str, statement: str) -> None:
    assert weight(name, statement) >= SAYS_SOMETHING


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("statement", DENIED)
def test_what_is_not_dealt_in_is_denied(name: str, statement: str) -> None:
    assert weight(name, statement) < SAYS_SOMETHING


@pytest.mark.parametrize("word", ["보안 사업", "천안 사업장", "제안 사업", "동안 해외"])
def test_a_word_that_ends_like_a_negation_is_none(word: str) -> None:
    assert not cues(f"{word}에서 공급합니다.")[0]
    assert cues("안 팔고 있습니다.")[0], "not sold"
