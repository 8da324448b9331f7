"""A statement is cut at marks of lists, rows and sentences, and at nothing that only looks like one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.statements import MAX_CHARACTERS, MAX_STATEMENTS, spans, statements

WHOLE = (
    "공고일 2024. 5. 7. (화) 반도체 공정 기술 수요조사",
    "사업기간: 2024. 3. 1. ~ 2024. 12. 31. 까지 수소충전소 실증",
    "신청기간 : 2024. 3. 4.(월) ~ 2024. 3. 29.(금) 바이오 창업기업 모집",
    "5. 7. (화) 수소 충전소 공고",
    "Our clean room is of class 10. It makes wafers.",
    "Grade 2. Titanium bars",
    "김치 분말 (평균 12) 을 공급",
    "최대 30. 길이",
    "(사)한국배터리협회",
    "一、二线城市代理",
    "Seoul - Shanghai sea freight service",
    "서울 - 칭다오 항공 화물",
    "한 · 중 공동연구 · 개발 과제",
    "Operating range -20 - 60 degrees for outdoor battery cabinets",
    "규격 : 300 * 200 * 150 mm 항온항습 챔버",
    "detection of E. coli and L. monocytogenes in drinking water",
    "High temp. sensors with max. load of 50 kg and min. order of 5 pcs. per box",
    "1.5 in. to 12 in. for oil & gas",
    "a method of J. H. Kim et al. for S. Korea",
    "tests on C. elegans, cat. no. 12, vol. 3, since Sept. 2024",
    "St. Petersburg Dept. of Health in the U.K. and Rev. 3",
    "Kim Mfg. Co. Ltd. makes pumps",
    "AC / DC converters and CAD / CAM software",
    "입 / 출력 모듈, 송 / 수신기, 급 / 배기 팬 제조",
    "R / D services, 5 kW / h",
    "Wi-Fi / BLE modules",
    "进 / 出口代理服务",
    "Radar &amp; cameras",
    "R&amp;D&nbsp;services",
    "<LED 조명> 공급",
    "-196℃ 액체질소 저장용기 공급",
    "-40°C freezer",
    "– 20 ℃ 냉동 탑차",
    "-30~-10도 저온 창고",
    "Wow! brand snacks",
    "신입 ○명, ○○시 창업기업 모집",
)


@pytest.mark.parametrize("text", WHOLE)
def test_what_only_looks_like_a_mark_cuts_nothing_and_is_kept(text: str) -> None:
    assert statements(text) == [text]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("제품: 1. 라이다 2. 레이더 3. 카메라", ["제품", "라이다", "레이더", "카메라"]),
        ("주요 제품 1) 라이다 센서 2) 레이더", ["주요 제품", "라이다 센서", "레이더"]),
        ("1、减速机；2、电机；3、轴承", ["减速机", "电机", "轴承"]),
        ("가. 라이다 나. 레이더", ["라이다", "레이더"]),
        ("Phase 1. Pumps are made. Phase 2. Valves", ["Phase 1. Pumps are made.", "Phase 2. Valves"]),
        ("- 라이다 - 레이더", ["라이다", "레이더"]),
        ("We offer: * lidar * radar", ["We offer", "lidar", "radar"]),
        ("①编码器②伺服驱动器③直线电机", ["编码器", "伺服驱动器", "直线电机"]),
        ("①산업용 로봇 ②협동 로봇 ③그리퍼", ["산업용 로봇", "협동 로봇", "그리퍼"]),
        ("⑴펌프류⑵밸브류❶감속기㉠모터", ["펌프류", "밸브류", "감속기", "모터"]),
        ("○ 라이다 ◈레이더 ▣ 카메라 ❖펌프 ➢밸브 ☞모터", ["라이다", "레이더", "카메라", "펌프", "밸브", "모터"]),
        ("∙ 라이다\n‧ 레이더", ["라이다", "레이더"]),
        ("가) 펌프\n(가) 밸브\na) lidar\n1.산업용 로봇", ["펌프", "밸브", "lidar", "산업용 로봇"]),
        ("（一）电机\n二、轴承\n1、减速机\n1-1. 협동 로봇", ["电机", "轴承", "减速机", "협동 로봇"]),
        (
            "We sell to the U.K. We also sell vitamin C. 콜라겐",
            ["We sell to the U.K.", "We also sell vitamin C.", "콜라겐"],
        ),
        ("lidar / radar / camera", ["lidar", "radar", "camera"]),
        ("모델명\t용량\t전압\t가격", ["모델명", "용량", "전압", "가격"]),
        ("产品名称|型号|起订量", ["产品名称", "型号", "起订量"]),
        ("Model | Voltage|Price", ["Model", "Voltage", "Price"]),
        ("&nbsp;초음파 용접기<br>&nbsp;&nbsp<p>Ultrasonic sensors</p>", ["초음파 용접기", "Ultrasonic sensors"]),
        ("<ul><li>펌프류</li><li class='x'>밸브류</li></ul>", ["펌프류", "밸브류"]),
        ("<td>Valves</td><td>&bull; <b>5G</b> modules</td>", ["Valves", "5G</b> modules"]),
        ("GaN\nSiC\nIoT\nEV\n6G\nPCB\nTel\nNo", ["GaN", "SiC", "IoT", "EV", "6G", "PCB"]),
        (
            "전극을 공급합니다.또한 전해액을 생산합니다.문의",
            ["전극을 공급합니다.", "또한 전해액을 생산합니다.", "문의"],
        ),
        ("상담 환영!연락 주세요.LED", ["상담 환영!", "연락 주세요.", "LED"]),
        ("We make pumps.We ship valves.", ["We make pumps.", "We ship valves."]),
    ],
)
def test_marks_of_lists_rows_and_sentences_cut(text: str, found: list[str]) -> None:
    assert statements(text) == found


def test_a_long_piece_is_cut_between_words_and_never_within_a_number() -> None:
    words = " ".join(f"component{n} machines" for n in range(40))
    assert " ".join(statements(words)) == words
    assert all(len(one) <= MAX_CHARACTERS for one in statements(words))
    assert statements("펌프 " * 70 + "1,000")[-1].endswith("1,000")


@pytest.mark.parametrize(
    "text",
    [
        "폐수 처리용 분리막 기술의\n이전 계약은 현재\n마감되었습니다.",
        "당사의 배터리 진단 특허는 외부 기업에 이전할\r\n계획이 없으며 제3자에게 제공하지\r\n않습니다.",
        "해외 파트너사와 공동으로 라이다 센서를\n개발하고 있습니다.",
        "We do not offer the licence of our hydrogen\ncompressor technology to\nthird parties.",
        "Since 2021 the sale of lead-acid battery\nproduction lines has been\ndiscontinued.",
        "We are looking for partners in\nKorea.",
        "我公司的氢气压缩机技术目前\n不对外转让，也不\n授权。",
        "本公司专业从事新能源汽车驱动电机\n控制系统的研发，欢迎各地企业洽谈\n合作。",
    ],
)
def test_a_sentence_goes_on_over_the_ends_of_its_lines(text: str) -> None:
    assert statements(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "리튬 이온 전지\n수소 연료 전지\n전력 변환 회로\n공동 연구 협의\n기술 이전 결과",
        "회사 소개\n라이다를 공급합니다.",
        "이차전지 양극재 기술이전\n스마트팜 온실 제어 시스템 구축\n태양광 모듈 재활용 설비",
        "라이다 센서를 공급합니다.\n신호 처리 기술을 이전합니다.",
        "high pressure pumps for ships\nlow noise fans for labs\nfilters for clean water",
        "High pressure pumps for ships\nLow noise fans for labs",
        "Automotive sensors\nlidar units",
        "We sell pumps and valves.\nour partners are welcome",
        "高性能锂电池正极材料研发与生产\n新能源汽车驱动电机控制器的供应\n工业机器人伺服系统设计和制造",
        "主营产品\n激光雷达，电池。",
        "主营激光雷达，毫米波雷达及传感器\n提供锂电池，充电桩及其他配套设备",
        "深圳市光明科技股份有限公司\n我们转让激光雷达的各项专利。",
        "外部企业合作项目的\n\n欢迎洽谈，期待合作。",
        "라이다 센서를\n\n공급합니다.",
        "다음 제품을\n- 라이다 센서가 있습니다.",
    ],
)
def test_lines_of_a_list_without_marks_stay_apart(text: str) -> None:
    assert len(statements(text)) == len([line for line in text.split("\n") if line])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("电池\n茶\n酒\n米\n盐\n轴承", ["电池", "茶\n酒\n米\n盐", "轴承"]),
        ("배터리 팩\n- 쌀\n- 무역 상담", ["배터리 팩\n- 쌀", "무역 상담"]),
        ("茶\n• 电池", ["茶\n• 电池"]),
        ("茶" + " " * 9 + "电池", ["电池"]),
    ],
)
def test_a_word_of_one_character_is_joined_with_its_neighbours(text: str, found: list[str]) -> None:
    assert statements(text) == found


def test_items_of_a_long_list_are_joined_and_sentences_and_denials_are_not() -> None:
    names = [f"{one}{two} 펌프" for one in "가나다라마바사" for two in "갑을병정무기경"][:42]
    found = statements("\n".join(f"- {name}" for name in names))
    assert len(found) == MAX_STATEMENTS
    assert all(name in " ".join(found) for name in names)
    assert statements("\n".join(["판매 불가", *names]))[0] == "판매 불가"
    sentences = [f"{name}를 공급합니다." for name in names]
    assert statements("\n".join(sentences)) == sentences[:MAX_STATEMENTS]


@given(
    st.lists(
        st.sampled_from(
            [
                *"\n\t|/-–·*.!?;,，。、 \x1e\x1f1②○가나다a<&茶(",
                "<br>",
                "&amp;",
                "&nbsp",
                "Co. ",
                "10) ",
                "-20 ℃",
                "합니다.",
                "pumps ",
            ]
        )
        | st.text(max_size=5),
        max_size=60,
    ).map("".join)
)
def test_spans_are_ordered_disjoint_in_bounds_and_not_empty(text: str) -> None:
    found = spans(text)
    assert 1 <= len(found) <= MAX_STATEMENTS
    assert all(0 <= start < end <= len(text) for start, end in found) or found == [(0, len(text))]
    assert all(before[1] <= after[0] for before, after in pairwise(found))


def test_time_grows_with_the_text_only() -> None:
    for part in ("1. ", "(", "- ", "/ ", " ", "<b ", "&amp;", "E. ", "가) ", "a\n", "\t", "-20 ", "茶\n"):
        assert len(spans(part * 20_000)) <= MAX_STATEMENTS
