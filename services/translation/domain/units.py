"""What stands behind a number as its physical unit, in names and symbols of three languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import pint

from .unit_names import NAMES
from .unit_symbols import ENGLISH_NAMES, SYMBOLS

_LATIN = re.compile(r"[A-Za-zμΩÅ°º]{1,8}")
_SYMBOL = re.compile(r"(?P<symbol>[km]?N·m|[A-Za-zμΩÅ°º]{1,8})(?:\^?(?P<power>[23])(?!\d|\.\d))?(?![A-Za-z])")
_ENGLISH = re.compile(r"[A-Za-z]{1,18}(?:[ .-]{1,2}[A-Za-z]{1,12}){0,2}")
_LONGEST_NAME = max(map(len, NAMES))
# A library counts rates, angles and bits as numbers without a unit; readers do not.
_OWN_KINDS = ("celsius", "fahrenheit", "hertz", "turn", "decibelmilliwatt", "decibel", "bit", "byte", "lux", "pixel")
_KIND_OF = {"byte": "bit"}
# The name of a unit is the beginning of another word: 5 안전 is no 5 ampere.
_NOT_BEFORE = {
    "安": "全装防检排置",
    "升": "级值学温降压",
    "克": "服隆",
    "米": "粉饭线",
    "牛": "奶肉",
    "欧": "洲盟美",
    "巴": "西黎士基",
    "平": "台均方衡板",
    "方": "面案向法式便形",
    "转": "让型化移运账",
    "寸": "土",
    "度": "假",
    "斤": "斤",
    "바": "이로탕",
    "무": "료상인선게역기공형",
    "묘": "목",
    "평": "가균생택일점",
    "초": "기반고중과음등",
    "회전": "문",
    "옴": "니",
    "몰": "려",
    "나노": "기입소섬",
    "밀리": "는",
    "兆": "元",
    "立方": "体",
}


@dataclass(frozen=True)
class Unit:
    """A unit: what it measures, in how many base units, and where its name ends."""

    kind: str
    factor: float
    end: int
    name: str


@cache
def _registry() -> pint.UnitRegistry[float]:
    # Takes a tenth of a second, so only a process that checks translations pays for it.
    registry: pint.UnitRegistry[float] = pint.UnitRegistry(cache_folder=None)
    for name in ("frame", "operation"):
        registry.define(f"{name} = [{name}]")
    return registry


@lru_cache(maxsize=4096)
def _measure(expression: str) -> tuple[str, float]:
    """What an expression of the library measures, and its size in base units."""
    own = next((kind for kind in _OWN_KINDS if kind in expression), None)
    if own in ("celsius", "fahrenheit"):
        return own, 1.0
    quantity = _registry().parse_expression(expression)
    base = quantity.to_root_units()
    kind = own or str(base.dimensionality)
    if "ppm" in expression:
        kind = "ratio"
    return _KIND_OF.get(kind, kind), float(base.magnitude)


def unit_at(text: str, at: int) -> Unit | None:
    """The unit whose name or symbol begins here, the longest one."""
    if _LATIN.match(text, at):
        return _symbol(text, at) or _english(text, at)
    for length in range(min(_LONGEST_NAME, len(text) - at), 0, -1):
        name = text[at : at + length]
        if name in NAMES and text[at + length : at + length + 1] not in tuple(_NOT_BEFORE.get(name, "")):
            return Unit(*_measure(NAMES[name]), at + length, name)
    return None


def _symbol(text: str, at: int) -> Unit | None:
    match = _SYMBOL.match(text, at)
    if match is None or match["symbol"] not in SYMBOLS:
        return None
    expression = SYMBOLS[match["symbol"]]
    if match["power"]:
        expression = f"({expression})**{match['power']}"
    return Unit(*_measure(expression), match.end(), match["symbol"])


def _english(text: str, at: int) -> Unit | None:
    match = _ENGLISH.match(text, at)
    words = match[0].lower() if match else ""
    while words:
        if words in ENGLISH_NAMES and not text[at + len(words) : at + len(words) + 1].isalpha():
            return Unit(*_measure(ENGLISH_NAMES[words]), at + len(words), words)
        words = re.sub(r"[ .-]*[a-z]+$", "", words)
    return None
