"""Links, by host, path and query. A link to a firm's page passes; one that opens a chat with a person does not."""

from __future__ import annotations

import re

from .addresses import address_of
from .finding import Finding
from .link_contents import what_it_says
from .mails import AT, MAX_DOMAIN, MAX_LOCAL, TLDS, means_at

_LETTER = r"(?:[a-z0-9_\-]|%(?!2e|e3%80%82|ef%bc%8e|ef%bd%a1)[0-9a-f]{2})"
_DOT = r"(?:\.|点|點|%2e|%e3%80%82|%ef%bc%8e|%ef%bd%a1)"
"""In a host: browsers also take percent-encoded letters there, and full stops of any width."""
_AT_IN_BRACKETS = r"\((?:at|@|골뱅이|골벵이|앳|艾特|爱特)\)"

_LINK = re.compile(
    r"(?<![@A-Za-z0-9_.\-])(?:(?P<scheme>[a-z][a-z0-9+.\-]{1,12}):[/\\]{0,4}(?=\S))?"
    rf"(?P<rest>(?:[a-z0-9_\-]{{1,63}}(?::[^\s@/]{{1,40}})?@)?(?:{_LETTER}{{1,63}}{_DOT}){{1,6}}{_LETTER}{{2,63}}(?:\.(?=[:/?#\\]))?(?::\d{{0,5}})?"
    rf"(?:[/?#\\](?:{_AT_IN_BRACKETS}|[^\s\"'<>，。；、）)】]){{0,400}})?)",
    re.IGNORECASE,
)
_CONTACT_SCHEME = re.compile(
    r"(?:tel|sms|smsto|mailto|weixin|wechat|tg|skype|viber|tencent|kakaotalk|kakaolink|line|whatsapp|mqqwpa|mqq|facetime|callto|im)"
    r":(?://)?[+\w][^\s\"'<>]{2,200}",
    re.IGNORECASE,
)
_CHAT = re.compile(
    r"(?<![a-z0-9_\-])(?:open[.\s]{1,2}kakao[.\s]{1,2}com/(?:o|me)/|pf\.kakao\.com/\w+/chat|qr\.kakao\.com|wa\.me/|(?:api|chat|web)\.whatsapp\.com|wa\.link/"
    r"|(?:t|telegram)\.me/|telegram\.dog/|u\.wechat\.com|qm\.qq\.com|wpa\.qq\.com|wpa\.b\.qq\.com|jq\.qq\.com|qun\.qq\.com"
    r"|work\.weixin\.qq\.com/(?:kfid|u|ca)|talk\.naver\.com|weixin\.qq\.com/[rg]/|m\.me/|line\.me/(?:ti|r)/|lin\.ee/|signal\.me/|zalo\.me/|discord\.gg/"
    r"|join\.skype\.com|viber\.click|m\.kakao\.com|toss\.me/|page\.line\.me)",
    re.IGNORECASE,
)
_PIECE = re.compile(
    r"[\s\[(]{0,2}(?P<sign>[./点點]|(?<=[a-z])점(?=[a-z])|dot(?=[\s\])]))[\s\])]{0,2}|[\s\[(]|점|[^./点點점\s\[(]{1,64}|.",
    re.IGNORECASE,
)
_APART = re.compile(r"[a-z](?:\s[./]|[./]\s|[\[(]\s?(?:\.|dot|점)|[点點점])\s?[\])]?\s?[a-z]", re.IGNORECASE)
"""A host whose dots or slashes are set apart or written as words."""
_AT_BEFORE = re.compile(rf"{AT}\s{{0,2}}$|[圈#]\s?$|(?:g?mail|지메일|메일)\s?(?:is|은|는|:)?\s$", re.IGNORECASE)
"""What follows is the domain of a mail address."""
_WORD_AT = re.compile(r"\sat\s\Z", re.IGNORECASE)
_AT_AFTER = re.compile(rf"\s?{AT}", re.IGNORECASE)
_DISCORD = re.compile(r"^[\w.]+#\d{4}$")
_FILE = frozenset(
    "js ts py md css html htm php asp aspx jsp pdf doc docx xls xlsx ppt json xml yaml txt png jpg svg zip".split()
)
"""Ends of file names, which are no hosts: README.md."""


MAX_DEPTH = 2
"""How many links within links are followed."""
MIN_DIGITS = 7
Link = tuple[int, int, Finding | None]
"""Where a link begins and ends, and what it leads to; None where it leads to no person."""


def links(text: str) -> list[Link]:
    """The links of a text as `plain` leaves it."""
    found: list[Link] = [
        (m.start(), m.end(), Finding("link to a person", m.start()))
        for m in _CONTACT_SCHEME.finditer(text)
        if _calls(m[0])
    ]
    found += [
        (m.start(), m.end(), _judged(m))
        for m in _LINK.finditer(text)
        if _is_link(m) and not _is_mail_domain(text, m.start()) and not _AT_AFTER.match(text, m.end())
    ]
    if not _APART.search(text):
        chats = [m.span() for m in _CHAT.finditer(text)]
        return found + [(start, end, Finding("link to a person", start)) for start, end in chats]
    compact, places = _compact(text)
    chats = [(places[m.start()], places[m.end() - 1] + 1) for m in _CHAT.finditer(compact)]
    return found + [(start, end, Finding("link to a person", start)) for start, end in chats]


def _is_mail_domain(text: str, start: int) -> bool:
    """Whether what begins here is the domain of a mail address, with its at before it."""
    before = text[max(0, start - MAX_LOCAL) : start]
    if _AT_BEFORE.search(before[-8:]):
        return True
    return bool(_WORD_AT.search(before)) and means_at(before[:-4], text[start : start + MAX_DOMAIN])


def _compact(text: str) -> tuple[str, list[int]]:
    """The text without what stands around dots and slashes, as in `t[.]me / name`, and the place of each character."""
    kept: list[tuple[str, int]] = []
    for match in _PIECE.finditer(text):
        if match["sign"]:
            kept.append(("." if match["sign"] not in "/" else "/", match.start("sign")))
        else:
            kept.extend((c, match.start() + n) for n, c in enumerate(match[0]))
    return "".join(c for c, _ in kept), [at for _, at in kept]


def _calls(link: str) -> bool:
    scheme, _, rest = link.partition(":")
    if scheme.lower() in ("tel", "sms", "smsto", "callto", "facetime"):
        return sum(c.isdigit() for c in rest) >= MIN_DIGITS
    if scheme.lower() in ("line", "im", "whatsapp", "wechat", "skype", "viber", "kakaotalk"):
        return rest.startswith("//")
    return True


def _is_link(match: re.Match[str]) -> bool:
    if match["scheme"] and "://" in match[0]:
        return True
    rest = match["rest"]
    if _DISCORD.search(rest):
        return False  # name.dev#4172 is an account
    if "@" in re.split(r"[/?#\\]", rest)[0]:
        return False  # a mail address, which has rules of its own
    address = address_of(_spelt(rest))
    host, tld = address.host, address.host.rpartition(".")[2]
    return bool(_CHAT.match(f"{host}{address.tail}")) or (
        tld in TLDS and tld not in _FILE and not host.replace(".", "").isdigit()
    )


def _spelt(rest: str) -> str:
    return re.sub("[点點]", ".", rest.removeprefix("www."))


def _judged(match: re.Match[str]) -> Finding | None:
    rest, at = _spelt(match["rest"]), match.start()
    if "@" in re.split(r"[/?#\\]", rest, maxsplit=1)[0]:
        return Finding("link to a person", at)
    return judge(rest, at)


def judge(typed: str, at: int, *, depth: int = MAX_DEPTH) -> Finding | None:
    """Where an address leads, as a browser reads it, and what it says itself. `at` is where it stands."""
    address = address_of(typed)
    if _CHAT.match(f"{address.host}{address.tail}"):
        return Finding("link to a person", at)
    leads = (found for m in _LINK.finditer(address.tail) if depth and (found := _inner(m, at, depth)))
    within = next(leads, None)
    if within is None and any(_opens(m[0]) for m in _CONTACT_SCHEME.finditer(address.tail)):
        within = Finding("link to a person", at)
    return within or what_it_says(address, at)


def _inner(match: re.Match[str], at: int, depth: int) -> Finding | None:
    """A link within another, as a page that leads on to it has: `/redirect?to=https://t.me/kim`."""
    return judge(_spelt(match["rest"]), at, depth=depth - 1) if _is_link(match) else None


def _opens(link: str) -> bool:
    return _calls(link) and ("://" in link or sum(c.isdigit() for c in link) >= MIN_DIGITS)
