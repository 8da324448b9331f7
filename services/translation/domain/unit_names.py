"""The names of physical units in Korean and Chinese, each with its expression in the units library."""

from __future__ import annotations

from itertools import product

CHINESE_PREFIXES = {
    "": "",
    "千": "kilo",
    "兆": "mega",
    "吉": "giga",
    "太": "tera",
    "拍": "peta",
    "毫": "milli",
    "微": "micro",
    "纳": "nano",
    "皮": "pico",
    "百": "hecto",
}
CHINESE_BASES = {
    **dict.fromkeys(("米", "公尺"), "meter"),
    **dict.fromkeys(("克", "公克"), "gram"),
    **dict.fromkeys(("瓦", "瓦特"), "watt"),
    **dict.fromkeys(("瓦时", "瓦小时"), "watt_hour"),
    **dict.fromkeys(("伏", "伏特"), "volt"),
    **dict.fromkeys(("安", "安培"), "ampere"),
    "伏安": "volt_ampere",
    **dict.fromkeys(("安时", "安培小时"), "ampere_hour"),
    **dict.fromkeys(("赫", "赫兹"), "hertz"),
    **dict.fromkeys(("帕", "帕斯卡"), "pascal"),
    **dict.fromkeys(("焦", "焦耳"), "joule"),
    "升": "liter",
    **dict.fromkeys(("欧", "欧姆"), "ohm"),
    **dict.fromkeys(("法", "法拉"), "farad"),
    **dict.fromkeys(("牛", "牛顿"), "newton"),
    **dict.fromkeys(("牛米", "牛·米", "牛顿米"), "newton*meter"),
    "秒": "second",
    "比特": "bit",
    "字节": "byte",
    "流明": "lumen",
    "勒克斯": "lux",
    "坎德拉": "candela",
    "摩尔": "mole",
    "西弗": "sievert",
    "特斯拉": "tesla",
    "电子伏": "electron_volt",
    "电子伏特": "electron_volt",
    "巴": "bar",
    "卡路里": "calorie",
}
CHINESE = {
    "分米": "decimeter",
    "厘米": "centimeter",
    "公分": "centimeter",
    "公里": "kilometer",
    "海里": "nautical_mile",
    "英里": "mile",
    "英寸": "inch",
    "寸": "inch",
    "英尺": "foot",
    "公斤": "kilogram",
    "斤": "0.5*kilogram",
    "吨": "metric_ton",
    "公吨": "metric_ton",
    "千卡": "kilocalorie",
    "大卡": "kilocalorie",
    "磅": "pound",
    "盎司": "ounce",
    "克拉": "carat",
    "公顷": "hectare",
    "亩": "2000/3*meter**2",
    "坪": "400/121*meter**2",
    "平米": "meter**2",
    "平方": "meter**2",
    "平": "meter**2",
    "方": "meter**3",
    "立方": "meter**3",
    "加仑": "gallon",
    "马力": "metric_horsepower",
    "分贝": "decibel",
    "厘泊": "centipoise",
    "转": "turn",
    "像素": "pixel",
    "帧": "frame",
    "摄氏度": "celsius",
    "华氏度": "fahrenheit",
    "开尔文": "kelvin",
    "毫安时": "milliampere_hour",
    "兆": "megabyte",
    "道尔顿": "dalton",
    "纳摩尔": "nanomole",
}
KOREAN_PREFIXES = {
    "": "",
    "킬로": "kilo",
    "메가": "mega",
    "기가": "giga",
    "테라": "tera",
    "페타": "peta",
    "밀리": "milli",
    "마이크로": "micro",
    "나노": "nano",
    "피코": "pico",
    "센티": "centi",
    "헥토": "hecto",
    "데시": "deci",
}
KOREAN_BASES = {
    "미터": "meter",
    "그램": "gram",
    "그람": "gram",
    "와트": "watt",
    "와트시": "watt_hour",
    "와트아워": "watt_hour",
    "볼트": "volt",
    "암페어": "ampere",
    "암페어시": "ampere_hour",
    "헤르츠": "hertz",
    "파스칼": "pascal",
    "줄": "joule",
    "리터": "liter",
    "옴": "ohm",
    "패럿": "farad",
    "뉴턴": "newton",
    "뉴턴미터": "newton*meter",
    "초": "second",
    "비트": "bit",
    "바이트": "byte",
    "루멘": "lumen",
    "럭스": "lux",
    "칸델라": "candela",
    "몰": "mole",
    "시버트": "sievert",
    "테슬라": "tesla",
    "칼로리": "calorie",
    "바": "bar",
    "전자볼트": "electron_volt",
}
KOREAN = {
    "킬로": "kilogram",
    "밀리": "millimeter",
    "센티": "centimeter",
    "미크론": "micrometer",
    "나노": "nanometer",
    "톤": "metric_ton",
    "킬로톤": "1000*metric_ton",
    "평": "400/121*meter**2",
    "헤베": "meter**2",
    "무": "2000/3*meter**2",
    "묘": "2000/3*meter**2",
    "헥타르": "hectare",
    "마력": "metric_horsepower",
    "인치": "inch",
    "피트": "foot",
    "마일": "mile",
    "해리": "nautical_mile",
    "갤런": "gallon",
    "배럴": "oil_barrel",
    "온스": "ounce",
    "캐럿": "carat",
    "데시벨": "decibel",
    "센티포아즈": "centipoise",
    "센티포이즈": "centipoise",
    "회전": "turn",
    "알피엠": "turn",
    "시시": "milliliter",
    "화소": "pixel",
    "픽셀": "pixel",
    "프레임": "frame",
    "켈빈": "kelvin",
    "달톤": "dalton",
    "에이커": "acre",
    "평방미터": "meter**2",
    "제곱미터": "meter**2",
    "입방미터": "meter**3",
    "세제곱미터": "meter**3",
    "루베": "meter**3",
}


def squares(names: dict[str, str], square: tuple[str, ...], cube: tuple[str, ...]) -> dict[str, str]:
    """Areas and volumes: the words before a length."""
    lengths = {name: unit for name, unit in names.items() if unit.endswith("meter")}
    areas = {mark + name: f"({unit})**2" for mark, (name, unit) in product(square, lengths.items())}
    return areas | {mark + name: f"({unit})**3" for mark, (name, unit) in product(cube, lengths.items())}


def with_prefixes(prefixes: dict[str, str], bases: dict[str, str]) -> dict[str, str]:
    """Each unit with each prefix before it."""
    return {p + b: prefix + base for (p, prefix), (b, base) in product(prefixes.items(), bases.items())}


def _chinese_names() -> dict[str, str]:
    names = with_prefixes(CHINESE_PREFIXES, CHINESE_BASES) | CHINESE
    # 法 alone begins other words (法国, 法律).
    del names["法"]
    return names | squares(names, ("平方",), ("立方",))


def _korean_names() -> dict[str, str]:
    names = with_prefixes(KOREAN_PREFIXES, KOREAN_BASES)
    return names | squares(names, ("제곱", "평방"), ("세제곱", "입방")) | KOREAN


NAMES = _chinese_names() | _korean_names()
"""Written without a space between prefix and unit."""
