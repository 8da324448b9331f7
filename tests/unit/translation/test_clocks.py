"""Times of the day in words are the times that they say."""

from __future__ import annotations

import pytest

from services.translation.domain.comparing import compare_figures

SAME = [
    ("3시 15분", "三点一刻"),
    ("3:15", "3点一刻"),
    ("3시 45분", "三点三刻"),
    ("0시 15분", "零点一刻"),
    ("오후 3시 반", "下午三点半"),
    ("14:30", "下午两点半"),
    ("오전 10시 반부터", "上午10点半起"),
    ("3시반~5시반", "三点半至五点半"),
    ("3시 반경 도착", "3点半左右到达"),
    ("3시 30분", "half past three"),
    ("오후 3시 반", "half past 3 p.m."),
    ("오후 3시 반", "half past three in the afternoon"),
    ("2시 45분", "a quarter to three"),
    ("3시 15분", "quarter past three"),
    ("23:45", "a quarter to midnight"),
    ("9:30~10:45", "half past nine to a quarter to eleven"),
    ("9시 10분", "ten minutes past nine"),
    ("8시 50분", "10 minutes to nine o'clock"),
    ("8시 45분", "差一刻九点"),
    ("회의는 8시 50분에 시작합니다", "The meeting starts at ten to nine."),
    ("9시 5분에 출발", "leaves at five past nine"),
    ("점심은 12시 30분", "Lunch is at twelve thirty."),
    ("오후 3시 45분까지", "until three forty-five p.m."),
    ("9:15~12:30", "from nine fifteen to twelve thirty"),
    ("8:50", "9点差10分"),
    ("9시 10분 전", "差十分九点"),
    ("5시 5분", "五点零五分"),
    ("3:50", "三点五十"),
    ("오후 3시 10분 회의", "下午三点十分开会"),
    ("15분", "一刻钟"),
    ("45분", "three quarters of an hour"),
    # No times
    ("10명에서 9명으로", "from ten to nine"),
    ("10명에서 9명으로", "from ten to nine people"),
    ("공급사를 12곳에서 30곳으로", "suppliers from twelve to thirty"),
    ("이 세 가지가 매우 중요합니다", "这三点十分重要"),
    ("오차 10분", "误差10分"),
    ("매출의 4분의 1에서 3분의 1", "a quarter to a third of sales"),
    ("40분에서 4분으로", "from 40 minutes to 4"),
    ("5~10분", "5 to 10 minutes"),
    ("반경 3km", "半径3公里"),
    ("1.5억 위안", "一点五亿元"),
    ("5.5%포인트", "五点五个百分点"),
    ("1.5kg", "一点五千克"),
]
OTHER = [
    ("3시 15분", "三点三刻"),
    ("3시 반", "三点一刻"),
    ("3시 반", "四点半"),
    ("3시 반부터", "三点起"),
    ("3시 30분", "三点"),
    ("2시 반", "half past three"),
    ("3시 15분", "quarter to three"),
    ("2시 45분", "quarter past three"),
    ("2시 45분", "three o'clock"),
    ("8시 45분", "九点一刻"),
    ("12시 30분", "at twelve fifteen"),
    ("8시 50분", "at ten past nine"),
    ("8시 50분", "差五分九点"),
    ("오후 3시 반", "上午三点半"),
    ("15분", "三刻钟"),
    ("1.5억 위안", "一点五万元"),
]


@pytest.mark.parametrize(("source", "target"), SAME)
def test_a_time_in_words_is_read(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "equal"
    assert compare_figures(target, source).verdict == "equal"


@pytest.mark.parametrize(("source", "target"), OTHER)
def test_another_time_is_found(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "different"
    assert compare_figures(target, source).verdict == "different"
