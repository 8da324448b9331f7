"""What the name of a messenger means where it stands: satellites, voltages, hooks and numbers of users have it too."""

from __future__ import annotations

import re
from typing import Literal

from .lexicon import CONTACT

Sense = Literal["name", "unsure", "other"]
_WORDS = r"[微威卫衛維维唯][芯心新星]"
"""Sound like WeChat's Chinese name, and are words or firms: satellite, microchip, micro star, reform."""
ANNOUNCED = (
    rf"(?:(?<=(?<![增附参更追外])加)|(?<=加我的)|(?<=联系)|(?<=我)|(?<=我的)|(?<=(?<![\w)])\+))(?:{_WORDS})(?=[\s:是]{{0,3}}@?[a-z0-9])"
    rf"|(?:{_WORDS})(?=\s?(?:号|號|账号|帐号|帳號|id(?![a-z])|@\s?[a-z]))"
)
"""Such a word as a messenger's name: someone is to be added, or an account is announced."""
ADDED = re.compile(r"(?:(?<![增附参更追外])加|加我的?|联系|(?<![\w)])\+)\Z")
_WORD = re.compile(_WORDS)
_SIGN = re.compile(r"(?:[vw][\s.·\-_/\u2665]{0,2}x|tg|wc|v)\Z", re.IGNORECASE)
_MODEL = re.compile(r"[a-z]{1,4}-?\d{1,4}[a-z]{0,2}\Z", re.IGNORECASE)
"""A model, a material or a voltage as often as an account: fr4, gps500, ac220."""
_ACCOUNT_WORD = re.compile(r"id(?![a-z])|아이디|号|號|@", re.IGNORECASE)
_ASKED = re.compile(r"[加添+]\s?(?:我的?)?\Z")
_NOT_TELEGRAM = re.compile(r"[高低中无고저]\s?\Z")
_FIRM_BEFORE = re.compile(r"[a-z]{2}\s\Z", re.IGNORECASE)
"""Leica VX: the maker of a product."""
_VOLTS = re.compile(r"\d\s?\Z")
_USERS = re.compile(
    r"[^\na-z0-9]{0,4}(?:用户(?!名)|用戶(?!名)|会员|會員|玩家|粉丝|月活|日活|人数|装机量|下载量|사용자|이용자|회원|유저|가입자)"
    r"[^\na-z0-9]{0,4}(?=\d)",
    re.IGNORECASE,
)


def counts_users(after: str) -> bool:
    """Whether what follows the name is how many people use the messenger."""
    return bool(_USERS.match(after))


def is_word_of_its_own(name: str) -> bool:
    """Whether the name is also an ordinary word, such as satellite."""
    return bool(_WORD.fullmatch(name))


def sense_of(before: str, name: str, gap: str, id: str) -> Sense:
    """What a short name means between these two: a messenger, perhaps one, or something else.

    Capitals are names of products and of methods too (thermogravimetry, tungsten carbide); small letters hardly are."""
    if not _SIGN.match(name):
        return "name"
    sign, is_capital = name.lower(), name != name.lower()
    if sign == "tg" and _NOT_TELEGRAM.search(before):
        return "other"  # high-Tg laminate
    if sign == "v" and (_VOLTS.search(before) or re.match(r"(?:ac|dc)\d", id, re.IGNORECASE)):
        return "other"
    if is_capital and gap == "-" and not id[0].islower():
        return "other"  # VX-3000, WC-10Co4Cr
    if not _MODEL.match(id) or _ACCOUNT_WORD.search(gap):
        return "name"
    if len(id) < 5:
        return "other"  # no messenger has ids as short
    if not is_capital or CONTACT.search(before) or _ASKED.search(before):
        return "name"
    if sign[-1] == "x":
        return "name" if ":" in gap and not _FIRM_BEFORE.search(before) else "unsure"
    return "unsure" if ":" in gap else "other"
