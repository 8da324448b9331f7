"""What points to a person is refused with its place; numbers of every other sort pass."""

from __future__ import annotations

import pytest

from schemas.screening import find_personal
from tests.support.timing import cpu_seconds


@pytest.mark.parametrize(
    ("text", "kind", "at"),
    [
        ("+82 10 1234 5678", "phone number", 0),
        ("82-10-1234-5678", "phone number", 0),
        ("문의 010-1234-5678", "phone number", 3),
        ("01012345678", "phone number", 0),
        ("02-1234-5678", "phone number", 0),
        ("031) 123-4567", "phone number", 0),
        ("1588-1234", "phone number", 0),
        ("０１０－１２３４－５６７８", "phone number", 0),
        ("010.1234.5678", "phone number", 0),
        ("电话 138 0013 8000", "phone number", 3),
        ("13800138000", "phone number", 0),
        ("+86 138-0013-8000", "phone number", 0),
        ("021 6234 5678", "phone number", 0),
        ("010-62345678", "phone number", 0),
        ("연락은 kim.a@example.com", "mail address", 4),
        ("请发 wang＠example．cn", "mail address", 3),
        ("카톡 magpie_01", "messenger id", 0),
        ("카카오톡 아이디: kimminji", "messenger id", 0),
        ("微信号 wang2022", "messenger id", 0),
        ("WeChat: wanglei", "messenger id", 0),
        ("LINE ID: choi", "messenger id", 0),
        ("0212345678", "phone number", 0),
        ("팩스 075588881234", "phone number", 3),
        ("+82(0)10-1234-5678", "phone number", 0),
        ("0082-10-1234-5678", "phone number", 0),
        ("400-810-8888", "phone number", 0),
        ("연락처,010-1234-5678", "phone number", 4),
        ("tel.010-1234-5678", "phone number", 4),
        ("010-1000-0000", "phone number", 0),
        ("+821010000000", "phone number", 0),
        ("문의 010\u200b-1234\u2060-5678", "phone number", 3),
        ("\u200b\u200b문의 010-1234-5678", "phone number", 5),
        ("010\u00a01234\u00a05678", "phone number", 0),
        ("010\u22121234\u22125678", "phone number", 0),
        ("010·1234·5678", "phone number", 0),
        ("010_1234_5678", "phone number", 0),
        ("010/1234/5678", "phone number", 0),
        ("hong@example。cn", "mail address", 0),
        ("ＷｅＣｈａｔ：ｗａｎｇ", "messenger id", 0),
        ("加vx：abc123", "messenger id", 0),
        ("wechat-id_wang", "messenger id", 0),
        ("텔레그램 @magpie", "messenger id", 0),
        ("QQ号 12345678", "messenger id", 0),
        ("라인: choi99", "messenger id", 0),
        ("900101-1234567", "resident's number", 0),
        ("11010519491231002X", "resident's number", 0),
    ],
)
def test_what_points_to_a_person_is_found(text: str, kind: str, at: int) -> None:
    found = find_personal(text)
    assert found and (found.kind, found.at) == (kind, at)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-15 12",
        "00123456789 건",
        "192.168.10.101",
        "1,500,000,000원",
        "15000000000원 규모",
        "120-81-47521",
        "91330100799655058B",
        "ISO 26262, 5G NR 3.5 GHz, 2022-08-04",
        "1592-1598년의 기록",
        "파장 1600-1700 nm",
        "WeChat 미니프로그램 연동",
        "微信小程序开发",
        "카카오톡 2000만 이용자",
        "production line A100",
        "월 13,000대 생산",
        "GB 32100-2015 与 ISO 9001:2015",
        "모델 XR-0201-4455",
        "2026.11.25 10:00-12:00",
        "1544-2000 ppm",
        "01-2345-6789 부품번호",
        "wechat pay2.0 연동",
        "카톡 API3",
        "WeChat identity platform",
        "Production line: A100 series",
        "생산라인: B200",
        "ISBN 978-89-01-23456-7",
        "특허 10-2021-0012345",
        "ZL202110123456.7",
        "1️⃣ 2️⃣ 3️⃣",
    ],
)
def test_what_does_not_point_to_a_person_passes(text: str) -> None:
    assert find_personal(text) is None


@pytest.mark.parametrize("piece", ["导", "a", "a.", "1", "+1", "wechat ", "0 "])
def test_a_text_eight_times_as_long_takes_about_eight_times_as_long(piece: str) -> None:
    """A pattern that begins anew at every character takes sixty-four times, and holds up everybody else."""

    def seconds(count: int) -> float:
        return cpu_seconds(lambda: find_personal(piece * count))

    assert seconds(16_000) < 24 * seconds(2000)
