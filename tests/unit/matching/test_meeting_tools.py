"""Which meeting tool works on both sides."""

from __future__ import annotations

import datetime as dt

import pytest

from schemas.meetings import Venue
from services.matching.domain.asks import is_another_venue
from services.matching.domain.meeting_tools import joining, shipped_tools

BOTH = ("CN", "KR")
VOOV, MEET, OTHER = "https://meeting.tencent.com/dm/x", "https://meet.google.com/abc", "https://call.example/x"
TOOLS = shipped_tools()


def test_the_table_says_when_and_where_each_state_was_read_and_how_to_join() -> None:
    for tool in TOOLS.tools:
        assert set(tool.countries) == set(tool.join) == set(BOTH), tool.id
        assert tool.names.keys() == {"ko", "zh", "en"}, tool.id
        assert all(words.keys() == {"ko", "zh", "en"} for words in tool.join.values()), tool.id
        assert all(dt.date(2026, 11, 1) <= reach.checked and reach.source for reach in tool.countries.values())


def test_what_works_on_both_sides_comes_first() -> None:
    assert [tool.id for tool in TOOLS.ranked(BOTH)] == ["voov", "wechat", "teams", "zoom", "kakaotalk", "meet"]
    assert TOOLS.ranked(["KR"])[0].id == "voov" and TOOLS.works(MEET, ["KR"])


@pytest.mark.parametrize(
    ("url", "tool"),
    [
        (VOOV, "voov"),
        ("https://us02web.zoom.us/j/1", "zoom"),
        ("https://ZOOM.US/j/1", "zoom"),
        ("https://notzoom.us/j/1", None),
        ("https://zoom.us.evil.example/j/1", None),
        (OTHER, None),
        (None, None),
    ],
)
def test_a_link_is_known_by_its_host_alone(url: str | None, tool: str | None) -> None:
    found = TOOLS.of(url)
    assert (found.id if found else None) == tool


CLOUD = "https://teams.microsoftonline.cn/l/meetup-join/x"


def test_a_cloud_that_others_cannot_always_join_is_not_sure() -> None:
    found = joining(TOOLS, Venue(kind="online", url=CLOUD), country="KR", countries=["KR", "CN"], lang="ko")
    assert (found.is_sure, found.advised is None) == (False, False)
    assert TOOLS.works("https://teams.microsoft.com/l/x", BOTH)
    assert TOOLS.of("https://mp.weixin.qq.com/s/abc") is None, "an article"


def test_each_side_is_told_how_to_join_from_where_it_is() -> None:
    venue = Venue(kind="online", url=MEET, fallback_url=VOOV)
    kr = joining(TOOLS, venue, country="KR", countries=BOTH, lang="ko")
    cn = joining(TOOLS, venue, country="CN", countries=BOTH, lang="zh")
    assert [way.url for way in kr.ways] == [MEET, VOOV] and [way.url for way in cn.ways] == [VOOV, MEET]
    assert cn.ways[0].how.startswith("请在腾讯会议") and [way.state for way in cn.ways] == ["yes", "no"]
    assert kr.is_sure and kr.advised is None


@pytest.mark.parametrize(("url", "advised"), [(OTHER, "voov"), (MEET, "voov"), (VOOV, None)])
def test_where_no_link_is_known_to_work_a_second_way_is_advised(url: str, advised: str | None) -> None:
    found = joining(TOOLS, Venue(kind="online", url=url), country="CN", countries=BOTH, lang="en")
    assert (found.advised.id if found.advised else None) == advised
    assert found.is_sure is (advised is None)


def test_a_confirmation_that_leaves_the_second_link_out_means_the_same_venue() -> None:
    present = Venue(kind="online", url=OTHER, fallback_url=VOOV)
    assert not is_another_venue(Venue(kind="online", url=OTHER), present)
    assert not is_another_venue(Venue(kind="online"), present) and not is_another_venue(None, present)
    assert is_another_venue(Venue(kind="online", url=MEET), present)
    assert is_another_venue(Venue(kind="onsite", place="A3"), present)
    assert is_another_venue(Venue(kind="online", url=OTHER, fallback_url=MEET), present)
