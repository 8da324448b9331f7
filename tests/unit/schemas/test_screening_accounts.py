"""Words and signs that are also a messenger's name: a satellite, a voltage, a glass transition temperature."""

from __future__ import annotations

import pytest

from schemas.screening import find_personal


@pytest.mark.parametrize(
    "text",
    [
        "提供卫星 beidou3 导航模块",
        "面向低轨卫星 starlink2 的相控阵天线",
        "与微芯 pic32 单片机兼容的开发板",
        "卫星：sentinel2 遥感影像",
        "维信诺 vision2 屏",
        "与维信诺（visionox）合作",
        "微星 msi2024 主板",
        "提供衛星 formosat7 影像",
        "維信諾: visionox_amoled 面板",
        "唯新 weixin2000 系列机床",
        "微心 holter24 监护仪",
        "增加卫星 beidou3 信号",
        "双模卫星 gps12 用时 3 秒",
        "终端加卫星 gps 双模定位",
        "维新 reform1898 展览",
        "唯芯 wx2000 芯片",
        "气象卫星 fengyun4 数据",
    ],
)
def test_a_word_that_sounds_like_wechat_is_no_account(text: str) -> None:
    assert find_personal(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "卫星号：hanbit77",
        "加卫星 abc",
        "威信 hanbit77",
        "薇信 hanbit77",
        "加我卫星号 bearing_tmall",
        "衛星號 moru_trade",
        "微芯ID: zhang_wei88",
        "卫星账号 lanjing66",
        "加微星 lihua_cnc",
        "联系卫星：wang2022",
        "卫星@hanbit77",
        "徽信 lulu_snack",
        "微♥ yw_fanghua66",
        "唯信 zhang_valve88",
        "我卫星 hanbit77",
        "卫信：moru_cn",
    ],
)
def test_a_word_that_is_announced_as_an_account_is_one(text: str) -> None:
    found = find_personal(text)
    assert found and (found.kind, found.certainty) == ("messenger id", "certain")


@pytest.mark.parametrize(
    "text",
    [
        "텔레매틱스: obd2 단말",
        "供应高Tg fr4 板材",
        "WC-10Co4Cr 스프레이 분말 공급",
        "输出 24 v: ac220 转换模块",
        "卡扣 12345 型 供应",
        "QQ用户 500000000 的社交平台运营",
        "热重 TG sta449",
        "텔레메트리: uart2 모듈",
        "텔레비전 oled77 패널",
        "텔레마케팅: crm2024 연동",
        "高tg it180 基板",
        "低Tg s1000 覆铜板",
        "WC-12Co88 粉末",
        "TG-DSC sta2500 热分析",
        "입력 전압 12V: dc24 변환",
        "折扣 123456 件",
        "搭扣 10086 款",
        "카카오닙스: nib500, 카카오 버터 lot2024",
        "加微型泵 pump22",
        "皮带扣：20240 系列",
        "QQ会员 300000000 规模",
        "QQ月活用户 550000000",
        "QQ 사용자 500000000명",
        "VX-3000 振动台, WX-1380 铣床",
    ],
)
def test_a_technical_text_is_no_account(text: str) -> None:
    assert find_personal(text) is None


@pytest.mark.parametrize("text", ["Leica VX: gps500", "Mettler TG: sta449", "Sandvik WC: gc4240"])
def test_a_model_behind_capitals_is_asked_about_at_most(text: str) -> None:
    found = find_personal(text)
    assert found is None or found.certainty == "likely"


@pytest.mark.parametrize(
    "text",
    [
        "V: hanbit77",
        "wx: abc123",
        "vx abc_123",
        "TG @hanbit",
        "VX huang6284a 一手货源",
        "拿样VX liangji0769",
        "联系VX: abc123",
        "VX: abc123",
        "카카오 hanbit77",
        "TG：xinmao_ic2023",
        "TG：@zhaolin_trade",
        "加tg：@szchip_broker",
        "tg: moru2024",
        "WX: feiyang_cnc",
        "V: lihua_cnc",
        "텔레 moru_trade",
        "텔레로 @bulk_hong",
        "텔레아이디 hanbit77",
        "텔레 ID goldmetal_kr",
        "텔레는 hanbit_77",
        "扣扣：482917365",
        "扣 274819306 秒回",
        "加扣 274819306",
        "联系扣：274819306",
        "QQ 2847391650",
        "QQ用户名 28473916",
        "QQ：2748391562 人工客服",
        "QQ 274839156 张经理",
    ],
)
def test_a_short_name_with_an_account_stays_one(text: str) -> None:
    found = find_personal(text)
    assert found and found.certainty == "certain"
