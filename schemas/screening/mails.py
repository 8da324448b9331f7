"""Mail addresses, also where the at and the dots are written as words or set apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .finding import Finding
from .plain import Plain

TLDS = frozenset(
    "com net org info biz name pro mobi asia tel io ai co me tv cc ws app dev xyz top shop store online site"
    " tech club vip"
    "work life live group ltd inc cloud email link kr cn jp hk tw mo sg us uk eu de fr it es nl ru in vn th my"
    " ph id au ca"
    " br 한국 컴 넷 中国 中國 公司 网络 网址 在线 edu gov ac go or ne re pe example test".split()
)
"""The ends of domains that people's addresses have; a version or a condition has none of them. They decide where the at
or a dot is written otherwise; around a sign @ any end counts (`_any_domain`)."""
_PROVIDER = (
    r"(?:naver|gmail|googlemail|daum|hanmail|kakao|nate|yahoo|hotmail|outlook|icloud|qq|163|126|139|189|sina|sohu|foxmail"
    r"|aliyun|yeah|네이버|지메일|구글|다음|한메일|네이트|핫메일|아웃룩|카카오|谷歌|网易|新浪|搜狐|微软)"
)
AT = (
    r"(?:@|&#0{0,3}64;|&commat;|[(\[{<（【]\s?(?:@|at|앳|골뱅이|골벵이|艾特|爱特|圈a|a圈|a|에이티)\s?[)\]}>）】]"
    r"|골뱅이|골벵이|꼴뱅이|달팽이|앳|艾特|爱特|小老鼠|圈a"
    r"|#(?=\s?(?:qq|163|126|gmail|naver|foxmail|hanmail|daum|sina|139)\.))"
)
"""What is written for the sign @: bracketed, as a word, or as another sign before a provider of mail."""
_DOT = (
    r"(?:\.|[(\[{]\s?(?:\.|dot|점|点)\s?[)\]}]|쩜|닷|点|點|(?<=[a-z0-9])점(?=[a-z])"
    r"|,(?=(?:com|net|org|co|kr|cn)(?![a-z])))"
)
_SPACED_AT = re.compile(rf"\s{{0,2}}{AT}\s{{0,2}}|\s(?:at|앳)\s", re.IGNORECASE)
_SPACED_DOT = re.compile(
    rf"(?:\s{_DOT}|{_DOT}(?!\s(?-i:[A-Z][a-z])))\s?|\s(?:dot|점)\s",  # not "at Ulsan. In May"
    re.IGNORECASE,
)
_SPOKEN = (
    (re.compile(r"\s(?:dash|hyphen|하이픈)\s", re.IGNORECASE), "-"),
    (re.compile(r"\s(?:underscore|언더바|下划线)\s", re.IGNORECASE), "_"),
)
_SINGLE_LETTERS = re.compile(r"(?<![^\s@.])(?:[a-z0-9]\s){2,20}[a-z0-9](?![^\s@.])", re.IGNORECASE)
_LOCAL = re.compile(
    r"(?<![\w+\-])[\w+\-]{1,64}(?:\s?\.\s?[\w+\-]{1,64}|\s(?:dot|점)\s[\w+\-]{1,64}){0,4}$", re.IGNORECASE
)
_LABELS = re.compile(r"[\w\-]+(?:\.[\w\-]+){0,5}")
_PROVIDER_BEFORE = re.compile(
    rf"(?:{_PROVIDER}\s?(?:메일|邮箱|郵箱|mail|e-?mail|邮件|(?=아이디|id\b))|(?:메일|邮箱|이메일)\s?{_PROVIDER})"
    r"\s?(?:아이디|계정|id|账号|搜索|搜|是|는|은|지)?\s?[:：는은]?\s?(?=[a-z0-9])([a-z0-9][\w.\-]{3,30})",
    re.IGNORECASE,
)
_PROVIDER_ALONE = re.compile(
    r"(?<![@.\w])(?:gmail|hotmail|hanmail|foxmail|outlook\s?mail|지메일|핫메일|한메일)\s?(?:은|는|:|is)?\s?"
    r"([a-z][\w\-]{0,20}[._\d][\w.\-]{1,20})",
    re.IGNORECASE,
)
_PROVIDER_AFTER = re.compile(
    rf"(?<![\w.\-@/])([a-z][a-z0-9_.\-]{{2,24}}[0-9_][a-z0-9_.\-]{{0,10}})\s?(?:的|은|는)?\s?{_PROVIDER}\s?(?:메일|邮箱|郵箱|mail)",
    re.IGNORECASE,
)
_AT_PROVIDER = re.compile(rf"{_PROVIDER}(?![a-z0-9])", re.IGNORECASE)
_PROVIDER_DOMAIN = re.compile(rf"(?:vip\.)?{_PROVIDER}\.", re.IGNORECASE)
_SPELT_DOT = re.compile(
    r"[\w\-]{1,63}(?:\.[\w\-]{1,63}){0,3}(?:\s?[(\[{]\s?(?:\.|dot|점|点)\s?[)\]}]|\s?(?:쩜|닷|点|點)|\s(?:dot|점)\s"
    r"|\s\.\s?(?-i:[a-z0-9]))",
    re.IGNORECASE,
)
"""A domain whose dot is written as a word, in brackets or set apart."""
_MAILBOX = re.compile(
    r"(?:gmail|hotmail|hanmail|foxmail|(?-i:naver|yahoo|outlook|qq))(?=\s{0,2}(?:\Z|[^\w\s]|[가-힣一-鿿]))",
    re.IGNORECASE,
)
"""A provider of mail, and nothing that is said of it: "jinwoo at gmail", not "engineers at Naver and Kakao"."""
_LIKE_A_LOCAL = re.compile(
    r"[a-z0-9]_[a-z0-9]|\s(?:dot|점)\s|(?<![a-z])[a-z]{1,30}\s?\.\s?[a-z]{2}|[a-z]{2}\.[a-z]"
    r"|(?-i:(?<![A-Za-z])(?!(?:hall|booth|stand|room|table|day|gate|zone|level|floor|phase|week|line|expo|semicon|forum|fair"
    r"|summit|iso|covid)\d)[a-z]{3,30}-?\d)",
    re.IGNORECASE,
)
"""No English word has it: an underscore, a dot inside, or a digit behind small letters."""
_LEADING = frozenset(
    "us me them it we you more available online here live now open is are be listed sold find found visit look search"
    " shop store mall page pages blog site website channel cafe home details learn read apply register order buy"
    " employees engineers researchers developers people team".split()
)
"""Before "at naver.com" they lead to a website, not to a mailbox."""
_LABEL_BEFORE = re.compile(r"(?:mail|메일|邮箱|郵箱|邮件)\s?:\s?\Z", re.IGNORECASE)
_END = re.compile(r"(?P<end>[a-z]{2,24}|xn--[a-z0-9\-]{2,59})(?![a-z0-9_\-])", re.IGNORECASE)
"""The end of any domain; Korean particles and Chinese words may touch it."""
_END_IN_SCRIPT = re.compile(r"[^\W\d_a-z]{2,24}(?![\w\-])", re.IGNORECASE)
"""An end in a script of its own: 한빛.서울, 华信.商城. Words may touch it; which they are is not known."""
_LATIN_NAME = re.compile(r"[a-z0-9._+\-]{1,64}\Z", re.IGNORECASE)
MIN_DIGITS_OF_NAME = 5
_CUTS = ("k", "n")
"""Of a measure: pass@k.mean. Any other letter may be a domain."""
_VERSION = re.compile(r"v\d+|\d{1,2}|\d+[a-z]", re.IGNORECASE)
"""How no domain begins, but a version (`2.x.latest`), a picture at a scale (`2x.png`) and a voltage (`5V.max`)."""
_NO_END = frozenset(
    "png jpg jpeg gif svg webp zip gz tgz js jsx ts tsx css html htm json yaml yml xml csv txt pdf doc docx xls xlsx"
    " ppt pptx exe dll jar whl local localdomain localhost internal intranet lan invalid".split()
)
"""Ends of file names and of hosts that nothing outside can reach."""
_MEASURED = re.compile(r"[\d.,]+[^\W\d_]{0,4}|m?ap|n?dcg|recall|precision|hits?|acc|mrr|top|f1|[prk]", re.IGNORECASE)
"""A value with its unit, or a measure at a cut: `Recall@top.mean`."""
_SCOPE = re.compile(r"@[\w.\-]{1,64}/\Z")
_NAME = re.compile(r"[a-z0-9][\w.+\-]{0,64}$", re.IGNORECASE)
MAX_LOCAL, MAX_DOMAIN = 70, 90
_HANDLES = re.compile(
    r"(?:인스타|instagram|insta|트위터|twitter|유튜브|youtube|틱톡|tiktok|微博|weibo|抖音|小红书|x\b|페이스북|facebook|공식\s?계정|官方)\S{0,6}\s$",
    re.IGNORECASE,
)
HINT = re.compile(
    r"@|&|#|골뱅이|골벵이|꼴뱅이|달팽이|앳|艾特|爱特|小老鼠|圈a|\bat\b|메일|mail|邮箱|郵箱|mail", re.IGNORECASE
)


def mails(seen: Plain) -> Iterator[Finding]:
    """Mail addresses in the text."""
    text = seen.text
    if not HINT.search(text):
        return
    for match in _SPACED_AT.finditer(text):
        start = _address(text, match)
        if start is not None:
            yield Finding("mail address", seen.places[start])
    for match in (*_PROVIDER_ALONE.finditer(text), *_PROVIDER_AFTER.finditer(text)):
        yield Finding("mail address", seen.places[match.start()])
    for match in _PROVIDER_BEFORE.finditer(text):
        if re.search(r"[a-z]", match[1], re.IGNORECASE):
            yield Finding("mail address", seen.places[match.start()])


def mail_in(address: str) -> bool:
    """Whether an address of the web has a mail address in it, its at written in any way."""
    return any(_address(address, match) is not None for match in _SPACED_AT.finditer(address))


def _address(text: str, at: re.Match[str]) -> int | None:
    """Where the address begins whose at this is; None if it is none."""
    before = _joined(text[max(0, at.start() - MAX_LOCAL) : at.start()])
    local = _LOCAL.search(before)
    if local is None or local[0].lower() in ("git", "npm"):
        return None
    start = at.start() - len(local[0]) if text[: at.start()].endswith(local[0]) else max(0, at.start() - MAX_LOCAL)
    after = text[at.end() : at.end() + MAX_DOMAIN]
    if at[0].strip().lower() == "at":
        return start if means_at(before, after) else None
    domain = _domain(after) or (_any_domain(before, local, after) if at[0] == "@" else None)
    if domain is not None:
        # "instagram @brand.co": a handle, which has a space before it and none behind it
        is_handle = at[0][:1].isspace() and not at[0][-1:].isspace() and at[0].strip() == "@"
        if is_handle and not _AT_PROVIDER.match(domain):
            return None if _HANDLES.search(text[: at.start()] + " ") or not _NAME.search(local[0]) else start
        return start if local[0].strip("-._") else None
    return start if _at_a_provider(after, local[0], at[0]) else None


def means_at(before: str, after: str) -> bool:
    """Whether the English word "at" between these two stands for the sign: websites are told with it too."""
    before = _joined(before)
    local = _LOCAL.search(before)
    if local is None:
        return False
    is_like_a_local = bool(_LIKE_A_LOCAL.search(local[0]))
    domain = _domain(after)
    if domain is None:
        mailbox = _MAILBOX.match(after) or (is_like_a_local and _AT_PROVIDER.match(after))
        return bool(mailbox) and local[0].lower() not in _LEADING
    if domain.startswith("www."):
        return False
    if is_like_a_local or _SPELT_DOT.match(_joined(after)) or _LABEL_BEFORE.search(before[: local.start()]):
        return True
    return bool(_PROVIDER_DOMAIN.match(domain)) and local[0].lower() not in _LEADING


def _any_domain(before: str, local: re.Match[str], after: str) -> str | None:
    """The domain that touches a sign @ with a name before it, whatever its end."""
    labels = _LABELS.match(after)
    if labels is None or _MEASURED.fullmatch(local[0]) or _SCOPE.search(before[: local.start()]):
        return None  # also @scope/package@next.canary
    parts = labels[0].split(".")
    if len(parts) > 2 and parts[-1].istitle() and parts[-2].islower():
        parts.pop()  # the next sentence
    if len(parts) < 2 or _VERSION.fullmatch(parts[0]) or _is_cut(parts[-2], local[0]):
        return None
    end = _END.match(parts[-1])
    if end is None:
        return _in_script(before, parts)
    if end["end"].lower() in _NO_END:
        return None
    if parts[-1].istitle() and parts[-2].islower():
        return None  # user@host.Then
    is_number = parts[-2].isdigit() and end["end"].lower() not in TLDS
    return None if is_number else ".".join([*parts[:-1], end["end"]]).lower()


def _is_cut(label: str, local: str) -> bool:
    return len(label) < 2 and (not label.isalpha() or label.lower() in _CUTS or len(local) < 2)


def _in_script(before: str, parts: list[str]) -> str | None:
    """The domain with an end in Hangul, Han or another script. The name before the sign is a Latin one: 오늘@서울.행사
    is no address."""
    name = _LATIN_NAME.search(before)
    if name is None or parts[-2].isdigit() or not _END_IN_SCRIPT.match(parts[-1]):
        return None
    is_name = any(map(str.isalpha, name[0])) or len(name[0]) >= MIN_DIGITS_OF_NAME
    return ".".join(parts).lower() if is_name else None


def _joined(part: str) -> str:
    for pattern, sign in _SPOKEN:
        part = pattern.sub(sign, part)
    return _SINGLE_LETTERS.sub(_join, part)


def _join(match: re.Match[str]) -> str:
    return match[0].replace(" ", "")


def _domain(after: str) -> str | None:
    """The domain at the beginning, with its dots as dots; None if it has no known end."""
    joined = _joined(_SPACED_DOT.sub(".", after))
    match = _LABELS.match(joined)
    if match is None or "." not in match[0]:
        return None
    labels = match[0].lower().split(".")
    for end in range(len(labels), 1, -1):
        # Korean particles and Chinese words touch the end of an address.
        tld = re.match(r"[a-z]+(?![a-z0-9_-])|[가-힣]+|[一-鿿]+", labels[end - 1])
        if tld is None:
            continue
        known = tld[0] in TLDS or any(tld[0].startswith(name) for name in ("한국", "中国", "中國", "公司"))
        if known and any(
            re.search(r"[^\W\d_]", label) or label in ("163", "126", "139", "189") for label in labels[: end - 1]
        ):
            return ".".join(labels[:end])
    return None


def _at_a_provider(after: str, local: str, at: str) -> bool:
    """`kim 골뱅이 네이버`: the name of a mail provider is enough."""
    return bool(_AT_PROVIDER.match(after) and (_NAME.search(local) or at.strip() == "@"))
