"""Before a date is not after it, and ten o'clock in Seoul is not ten o'clock in Beijing."""

from __future__ import annotations

import pytest

from services.translation.domain.comparing import compare_figures

WRONG = [
    ("Mass production starts before 2026.", "2026년 이후에 양산을 시작합니다."),
    ("2025년 이전에 양산합니다.", "2025年以后量产。"),
    ("2025년까지", "2025年起"),
    ("KST 10:00에 시작", "北京时间10:00开始"),
    ("We deliver by March 2026.", "2026년 3월부터 납품합니다."),
    ("2026年底前完成", "2026년 말 이후에 완료"),
    ("Available from 2027", "2027년까지 공급"),
    ("截至2025年", "Since 2025"),
    ("after 5 March 2026", "2026년 3월 5일 전에"),
    ("Not before 2026", "2026년까지"),
    ("starting in 2026", "2026年之前"),
    ("The call is at 3 p.m. Beijing time.", "오후 3시(한국시간)에 통화합니다."),
    ("북경시간 14:00", "14:00 KST"),
    ("2026년 상반기까지 구축", "2026年上半年以后建成"),
]
RIGHT = [
    ("Mass production starts before 2026.", "2026년 이전에 양산을 시작합니다."),
    ("Mass production starts before 2026.", "2026年之前量产。"),
    ("By the end of 2026", "2026년 말까지"),
    ("By the end of 2026", "2026年底前"),
    ("Since 2020", "2020년부터"),
    ("Since 2020", "2020年以来"),
    ("自2025年起", "2025년부터"),
    ("Not until 2026", "到2026年才"),
    ("No earlier than 2026", "2026년 이후"),
    ("From 2024 to 2026", "2024년부터 2026년까지"),
    ("2024~2026년", "从2024年到2026年"),
    ("2025年前后", "2025년 전후"),
    ("2025年前半年", "2025년 상반기"),
    ("2026년 이전 예정", "计划2026年后搬迁"),
    ("2026년 전국 전시회", "2026年以来的全国展会"),
    ("2026년 양산", "2026年起量产"),
    ("KST 10:00에 시작", "韩国时间10:00开始"),
    ("KST 10:00에 시작", "10:00开始"),
    ("10:00 (KST), 9:00 Beijing time", "한국시간 10:00, 북경시간 9:00"),
    ("Seoul time 10:00 (Beijing time 9:00)", "首尔时间10:00（北京时间9:00）"),
    ("오전 10시(한국시간)", "10 a.m. KST"),
    ("北京时间2026年3月5日14:00", "2026년 3월 5일 14:00 (베이징 시간)"),
    ("5天后交付", "5일 후 납품"),
    ("postponed until 2026", "推迟到2026年"),
    ("Before 2024 we made parts, after 2024 systems.", "2024年前做零件，2024年后做系统。"),
]


@pytest.mark.parametrize(("source", "target"), WRONG)
def test_a_moment_on_the_other_side_or_in_another_zone_is_found(source: str, target: str) -> None:
    assert compare_figures(source, target).numbers
    assert compare_figures(target, source).numbers


@pytest.mark.parametrize(("source", "target"), RIGHT)
def test_a_moment_in_other_words_is_the_same(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "equal"
    assert compare_figures(target, source).verdict == "equal"
