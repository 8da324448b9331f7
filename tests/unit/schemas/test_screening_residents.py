"""Six digits and seven: a person's number, unless a label says that they are of goods or of a firm."""

from __future__ import annotations

import pytest

from schemas.screening import find_personal


@pytest.mark.parametrize(
    "text",
    [
        "공급품 로트 230515-1234567 재고",
        "일련번호 230515 1000234",
        "관리번호 210101-2000001",
        "생산실적 200512 3456789 EA",
        "품번 880111-1186124",
        "법인등록번호 110111-1234567",
        "LOT No. 230515-1234567",
        "Lot: 230515-1234567",
        "운송장 번호: 210101-2000001",
        "모델명 880111-1186124",
        "시리얼 넘버 880111-1186124",
        "S/N 880111-1186124",
        "Serial number: 880111-1186124",
        "批号：230515-1234567",
        "批次号 2305151234567",
        "序列号 230515 1000234",
        "运单号：210101-2000001",
        "로트번호(230515-1234567)",
        "로트 230515-1234567, 230517-1234567, 230521-1234567 재고",
        "바코드 8802284567895",
        "EAN-13: 8802284567895",
        "문서번호 제230515-1234567호",
        "형식승인번호 210101-2000001",
        "생산 200512 3456789 EA, 출하 200512 3456789개",
        "PO 210101-2000001",
        "출하 수량 200512 3456789 pcs",
    ],
)
def test_a_labelled_number_without_a_right_check_digit_is_asked_about(text: str) -> None:
    found = find_personal(text)
    assert found is None or found.certainty == "likely"


@pytest.mark.parametrize(
    "text",
    [
        "900101-1234567",
        "230515-4234567",
        "대표 주민번호 820315-1274830",
        "관리번호 (주민) 230515-4234567",
        "로트 관리 담당 홍길동 900101-1234567",
        "법인 대표 김민수 900101-1234567",
        "물류 관리 900101-1234567",
        "품번 820315-1274830",
        "일련번호 없이 주민등록번호 900101-1234567",
        "외국인등록번호 880914-5283743",
        "제품 개발 이민호 030521-4283741",
        "900101-1234567, 모델 XR-20",
        "등록번호 900101-1234567",
        "모델 홍길동 900101-1234567",
        "홍길동 900101-1234567 개인 사업자",
    ],
)
def test_a_number_without_a_label_or_with_a_right_check_digit_is_certain(text: str) -> None:
    found = find_personal(text)
    assert found and (found.kind, found.certainty) == ("resident's number", "certain")
