"""What points to a person is refused with its place; numbers of every other sort pass."""

from __future__ import annotations

import pytest

from schemas.screening import find_personal


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
    ],
)
def test_what_does_not_point_to_a_person_passes(text: str) -> None:
    assert find_personal(text) is None
