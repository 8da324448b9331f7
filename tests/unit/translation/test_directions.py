"""What a translation says to go down must not go up, whatever the words for it."""

from __future__ import annotations

import pytest

from services.translation.domain.comparing import compare_figures

TURNED = [
    ("Our process reduces energy use by 20%.", "我们的工艺使能耗提高20%。"),
    ("Costs were cut by 30%.", "成本提高了30%。"),
    ("전력 소비가 20% 낮습니다.", "Power consumption is 20% higher."),
    ("매출이 5% 역성장했습니다.", "营收增长5%。"),
    ("매출 감소 10%", "营收增长10%"),
    ("节省20%", "20% 증가"),
    ("能耗比同类产品低20%。", "에너지 소비가 동종 제품보다 20% 높습니다."),
    ("20%의 비용을 절감합니다.", "Costs rise by 20%."),
    ("省电20%。", "전력 사용량이 20% 늘어납니다."),
    ("Savings of up to 20%.", "最多增加20%。"),
    ("Exports declined by 8%.", "출하량이 8% 상승했습니다."),
    ("We save 15% of the energy.", "能耗上升15%。"),
    ("A 12% reduction in weight.", "중량이 12% 증가합니다."),
    ("增长率达20%。", "감소율 20%입니다."),
    ("Negative growth of 5%.", "营收增长5%。"),
    ("降幅达20%。", "20% 상승했습니다."),
    ("불량률을 20%로 줄였습니다.", "Defects increased to 20%."),
    ("실적이 20% 떨어졌습니다.", "业绩上涨20%。"),
    ("20% more output", "产量减少20%"),
    ("30% more energy use", "节约能源30%"),
    ("$20,000 now: prices were lowered by about 10%.", "2万美元，价格上调约10%。"),
    ("人工成本减少了40%", "인건비는 40% 늘었습니다"),
    ("Lower power consumption by 20%.", "전력 소비를 20% 늘립니다."),
]
SAME = [
    ("Our process reduces energy use by 20%.", "我们的工艺使能耗降低20%。"),
    ("Our process reduces energy use by 20%.", "당사 공정은 에너지 사용을 20% 줄입니다."),
    ("Reduce waste to 20%.", "폐기물을 20%로 줄입니다."),
    ("Reduce waste to 20%.", "将废弃物减少到20%。"),
    ("Defects stay at 20% or less.", "불량률은 20% 이하를 유지합니다."),
    ("불량률 20% 이하로 감소", "不良率降至20%以下"),
    ("20% 할인합니다.", "20% off"),
    ("20% 할인", "优惠20%"),
    ("20% cheaper than before", "比以前便宜20%"),
    ("20% 저렴합니다.", "便宜20%。"),
    ("성장률이 20% 하락했습니다.", "增长率下降20%。"),
    ("成本降低20%，效率提高20%。", "비용은 20% 절감되고 효율은 20% 향상됩니다."),
    ("Reduce costs and increase output by 20%.", "降低成本，产量提高20%。"),
    ("增长率下降20%。", "The growth rate fell by 20%."),
    ("提高节能率20%。", "에너지 절감률을 20% 향상시킵니다."),
    ("Improve fall detection by 20%.", "낙상 감지율을 20% 높입니다."),
    ("Energy consumption improved by 20%.", "에너지 소비가 20% 감소했습니다."),
    ("Yields grow with 20% less water.", "물을 20% 적게 쓰면서 수확량이 늘어납니다."),
    ("A growth of 20%", "20%의 성장"),
    ("节能20%", "20% energy savings"),
    ("최대 20% 절감", "最多可节省20%"),
    ("불량률을 20%에서 5%로 낮췄습니다.", "Defects were cut from 20% to 5%."),
    ("从20%降至5%", "20%에서 5%로 감소"),
    ("The share rose to 20%.", "점유율이 20%로 상승했습니다."),
    ("오늘 20% 참석", "今天20%出席"),
    ("20% more compact", "体积缩小20%"),
    ("20% more energy efficient", "能耗降低20%"),
    ("减少30%的二氧化碳排放", "CO2 배출을 30% 줄입니다"),
    ("不提高，反而降低20%", "오히려 20% 낮아집니다"),
    ("Losses grew by 10%", "亏损扩大10%"),
    ("매출이 5% 역성장했습니다.", "Revenue shrank by 5%."),
    ("매출이 5% 역성장했습니다.", "营收负增长5%。"),
    ("占比最高20%", "최대 20% 비중"),
    ("절감 효과 20%", "降幅20%"),
    ("增持20%的股份", "20% 지분을 늘렸습니다."),
    ("지분 20%를 보유하고 매출을 늘렸습니다.", "持有20%的股份，并减少库存。"),
    ("成本比进口产品低20%以上。", "수입품보다 원가가 20% 이상 낮습니다."),
    ("Up to 20% lower costs", "비용 최대 20% 절감"),
]


@pytest.mark.parametrize(("source", "target"), TURNED)
def test_a_change_that_turned_round_is_found_in_both_directions(source: str, target: str) -> None:
    assert compare_figures(source, target).numbers
    assert compare_figures(target, source).numbers


@pytest.mark.parametrize(("source", "target"), SAME)
def test_a_change_in_other_words_is_the_same(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "equal"
    assert compare_figures(target, source).verdict == "equal"
