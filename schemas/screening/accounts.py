"""Accounts at messengers: a messenger's name, in whatever spelling, and something like an account near it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .finding import Certainty, Finding
from .lexicon import UNIT_AFTER
from .plain import Plain
from .senses import ADDED, ANNOUNCED, counts_users, is_word_of_its_own, sense_of

_S = r"[\s.·\-_/\u2665]{0,2}"


def _apart(word: str) -> str:
    """The word, also with a sign or a space between its characters."""
    return _S.join(re.escape(character) for character in word)


_SPELT_APART = "카카오톡 카톡 텔레그램 왓츠앱 위챗 위쳇 웨이신 微信 kakaotalk wechat weixin".split()
_SPELT_OTHERWISE = (
    "카카오(?!\\s?(?:닙|버터|매스|파우더|분말|함량|원두|빈|콩|열매|농장|껍질))"
    " 노란톡 네이트온 잘로 kakao ㅋㅌ ㅋr톡 카ㅌ옥 ㅋㅏ톡 ㅋ톡 [까깨카]똑 [까깨]톡 we챗 큐큐"
    " 薇[信芯心新星] [微威徽卫衛围]信 [维維]信(?![诺諾]) 唯信 [徽围][芯心新星]"
    " [微薇威徽卫衛围維维唯]\u2665 [vV]信 同微 绿泡泡 绿色软件"
    " 텔레(?=\\s?(?:아이디|계정|주소|방|채널|id|문의|연락|주세요|추가|검색)|[로는은가도]?(?![가-힣]))"
    " telegram whats\\s?app 왓츠\\s?앱 바이버 스카이프 디스코드 电报 飞机号 纸飞机 viber skype zalo"
    " discord signal(?=\\s?(?:id|:?\\s?\\+)) 钉钉 feishu dingtalk lark(?=\\s?id)"
    " 飞书 陌陌 企鹅号? 扣扣 球球 抠抠 蔻蔻 (?:小红书|抖音|快手)(?:私信)?号(?=[^\\n]{0,24}私信)"
    " 私信号?"
).split()
_STRONG = "|".join([*map(_apart, _SPELT_APART), *_SPELT_OTHERWISE, ANNOUNCED])
_SHORT = "|".join(
    [
        rf"(?:加\s?)?(?<![a-z0-9])q\s?q?\s?[群号]|(?<![a-z0-9])(?:[vw]{_S}x|tg|q\s?q|kkt|wc)(?![a-z])",
        r"(?<![a-z0-9])q(?=\s?:?\s?[1-9]\d{5,10}(?!\d))|加我\s?[vq]|扣我|加q|(?:(?<![一-鿿])|(?<=[加我系聊络询私]))扣(?=\s?:?\s?\d)|\+\s?[\U0001f300-\U0001faff\u2b50]\s?(?=:)",
        r"加\s?[+]?\s?(?:我的?)?\s?vx?(?:\u2665)?|加微(?![芯心新星型米量粒粉电波生弧孔纳晶束调])信?|\+\s?[vw]x?(?![a-z])|\+\s?微\u2665?",
        r"v\u2665|(?<![a-z0-9])v(?=\s?:)",
        r"(?<![가-힣])(?:톡(?:은|는|으로|로)?|라인)(?![가-힣])|(?<![a-z])line(?![a-z])|(?:阿里)?旺旺号?",
    ]
)
_BEGIN = "(?=[카텔왓위웨微kwㅋ까깨노네잘薇威徽卫衛围維维唯v同绿큐t바스디电飞纸fsdz钉陌企扣球抠蔻小抖私q加+톡라l旺阿])"
"""How any of the names begins: most characters of a text are passed over by this alone."""
_MESSENGER = re.compile(rf"{_BEGIN}(?:(?P<strong>{_STRONG})|(?P<short>{_SHORT}))", re.IGNORECASE)
_MARKED = re.compile(
    r"id(?![a-z])|아이디|계정|号(?!码管)|號|账号|帳號|同号|群|联系人|검색|추가|주세요|搜|加我?|是|用户名|username|handle|@|[:：▷→>=]",
    re.IGNORECASE,
)
_GAP = r"[^a-zA-Z0-9\n.!?;。！？；@#]{0,14}"
_ACCOUNT = re.compile(
    rf"(?P<gap>{_GAP}(?:(?<![a-z])(?:id|is|handle|user\s?name|account|add|me|no)(?![a-z])|live:)?{_GAP}@?)(?P<id>[a-zA-Z0-9](?:[\w\-]|\.(?=\w)|\s_\s?(?=\w)){{2,30}}(?:#\d{{4}})?)(?P<after>.{{0,8}})",
    re.DOTALL | re.IGNORECASE,
)
_PRODUCT = re.compile(
    r"(?:js)?api|sdk|pay|apps?|bots?|mini|mini-?programs?|h5|ai|b2[bc]|o2o|work|wecom|scrm|crm|erp|saas|moments|channels?|ads?|oauth|login"
    r"|gps|gnss|beidou|iot|lte|business|open|official|talk|plug-?ins?|web|links?|shop|store|for|and|the|or|on|in|with|via|to|up|of|integration|commerce|smt|pcb|messenger"
    r"|bizmessage|chat|chatbot|notification|works?|teams|slack|android|ios|pos|qr|nfc|mobile|marketing|service|platform|group|sticker|gif|friends",
    re.IGNORECASE,
)
_PRODUCT_AFTER = re.compile(
    r"\s?(?:支付|连接|接口|小程序|公众号|开发|平台|版|系统|연동|결제|개발|솔루션|서비스|플랫폼|버전|기반|인증|챗봇|호환|지원|라인|생산|조립"
    r"|工艺|条|线|大|个|개|대|명|채널|이벤트|integration|support|sdk|api|bots?|programs?|storefront)",
    re.IGNORECASE,
)
_CODE = re.compile(r"[A-Z]{2,12}-?\d{0,5}[A-Z]?|[A-Z][a-z]+-?\d{0,4}|v?\d{1,6}(?:\.\d{1,6}){1,4}|\d{1,4}[a-zA-Z]{0,4}")
_PRODUCT_BEFORE = re.compile(
    r"(?:생산|제품|조립|포장|공정|신제품|도장|가공|SMT|product(?:ion)?|assembly|pipe|on|in|off|out|down)[\s-]?$",
    re.IGNORECASE,
)
_QQ_NUMBER = re.compile(r"[1-9]\d{4,10}")
_IN_PIECES = re.compile(
    r"[^a-zA-Z0-9\n。]{0,8}(?P<number>\d(?:[\s.\-]?\d){4,11}|[零一二三四五六七八九幺]{5,11})(?![\d\w])"
)
_NUMBERED = re.compile(
    r"^q$|q\s?q|扣|zalo|잘로|球球|企鹅|q群|抠|蔻|큐큐|q号|群|加q|微|薇|vx|wx|v信|陌陌|私信|小红书|抖音|快手",
    re.IGNORECASE,
)
_DIRECT = re.compile(
    r"(?<![a-z])(?:dm|디엠|私信|쪽지)(?![a-z])[^a-zA-Z0-9\n]{0,12}@(?P<id>[a-z][\w.]{3,30})"
    r"|@(?P<other>[a-z][\w.]{3,30})[^a-zA-Z0-9\n]{0,8}(?:dm|디엠|私信|쪽지)",
    re.IGNORECASE,
)
_WXID = re.compile(r"(?<![a-z0-9])wxid_[a-z0-9]{6,}", re.IGNORECASE)
_ASKED = re.compile(
    r"(?:联系方式|加我|扣我|私聊|아이디|搜索?|검색|친구\s?추가|add me|user\s?name)[^a-zA-Z0-9\n。]{0,10}@?"
    r"(?P<id>[a-z][a-z_\-]{0,14}\d{2,8}[a-z_]{0,6})(?![\w.])",
    re.IGNORECASE,
)


BEFORE = 12
"""How many characters before a name, or behind it, say what it means."""


def accounts(seen: Plain) -> Iterator[Finding]:
    """Accounts in the text."""
    text = seen.text
    for match in _MESSENGER.finditer(text):
        found = _ACCOUNT.match(text, match.end())
        before = text[max(0, match.start() - BEFORE) : match.start()]
        sense = sense_of(before, match[0], found["gap"], found["id"]) if found else "name"
        if sense == "other" or counts_users(text[match.end() : match.end() + BEFORE]):
            continue
        certainty = _certainty(text, match, found) if found else None
        pieces = _IN_PIECES.match(text, match.end())
        if (
            certainty is None
            and pieces
            and _NUMBERED.search(match[0])
            and not UNIT_AFTER.match(text[pieces.end() :][:8])
        ):
            certainty = "likely"
        if certainty:
            yield Finding("messenger id", seen.places[match.start()], "likely" if sense == "unsure" else certainty)
    for match in _DIRECT.finditer(text):
        yield Finding("messenger id", seen.places[match.start()], "likely")
    for match in _WXID.finditer(text):
        yield Finding("messenger id", seen.places[match.start()])
    for match in _ASKED.finditer(text):
        yield Finding("messenger id", seen.places[match.start("id")], "likely")


def _certainty(text: str, name: re.Match[str], found: re.Match[str]) -> Certainty | None:
    id, gap = found["id"], found["gap"]
    if _QQ_NUMBER.fullmatch(id):
        return _of_number(name, gap, found["after"])
    if _is_product(text, name, found):
        return None
    marked = bool(_MARKED.search(gap)) or gap.rstrip().endswith("@")
    looks_like = _looks_like_account(id)
    if name["short"] and name[0].lower() in ("line", "라인"):
        line_id = re.search(r"id|아이디|@", gap, re.IGNORECASE)
        return "certain" if line_id else ("likely" if marked and looks_like and id.islower() else None)
    if looks_like:
        return "certain" if marked or len(gap.strip()) <= 1 else "likely"
    if is_word_of_its_own(name[0]) and ADDED.search(text[max(0, name.start() - 4) : name.start()]):
        return "likely" if re.match(r"\s?[a-z一-鿿]", found["after"], re.IGNORECASE) else "certain"
    plain_name = id.isascii() and ((id == id.lower() and len(id) >= 4) or gap.endswith("@"))
    explicit = re.search(r"id|handle|user|account|아이디|계정|号|號|@|用户名", gap, re.IGNORECASE) or (
        name["short"] and "q" not in name[0].lower()
    )
    if plain_name and explicit and len(gap) <= 8:
        return "certain"
    # A word right behind a messenger's Korean or Chinese name, which is no word of a product
    beside = not name[0].isascii() and id.isalpha() and (marked or len(gap) <= 2)
    return "likely" if plain_name and ((marked and ":" in gap) or beside) else None


def _of_number(name: re.Match[str], gap: str, after: str) -> Certainty | None:
    """An account of digits alone: only some messengers have them, and an amount is none."""
    if not _NUMBERED.search(name[0]) or len(gap) > 8:
        return None
    return None if name[0] == "扣" and UNIT_AFTER.match(after) else "certain"


def _is_product(text: str, name: re.Match[str], found: re.Match[str]) -> bool:
    id, after = found["id"], found["after"]
    first = re.match(r"[a-zA-Z]+", id)
    if _PRODUCT.fullmatch(id) or (first and _PRODUCT.fullmatch(first[0]) and not id.islower()):
        return True
    if first and _PRODUCT.fullmatch(first[0]) and re.search(r"[-.]", id):
        return True
    if name["short"] and _PRODUCT_BEFORE.search(text[max(0, name.start() - 12) : name.start()]):
        return True
    explicit = re.search(r"\bid|ID|아이디|号|號|@", found["gap"])
    if id.isalpha() and name[0].isascii() and not explicit and re.match(r"\s[a-z]{3,}", after):
        return True  # the next word of an English sentence
    if _CODE.fullmatch(id) and not explicit:
        return True
    return bool(_PRODUCT_AFTER.match(after)) and not explicit


def _looks_like_account(id: str) -> bool:
    """Letters together with a digit, an underscore or a hyphen between lower-case words."""
    bare = id.split("#")[0]
    letters = re.search(r"[a-z]", bare, re.IGNORECASE)
    mixed = r"[a-z]+[-.][a-z0-9]+|[a-z]{3,}\d[a-z]+"
    return bool(letters and (re.search(r"\d{2}|_|\d$", bare) or re.fullmatch(mixed, bare)))
