"""What the answer of a mail server means: later, no such address, or not this mail (docs/rules.md, section 11).

The first digit alone does not say it: `550 Connection frequency limited` passes, `550 5.1.1` does not. Read in this
order: what providers are known to say, the enhanced status code (RFC 3463), common words, the reply code. An answer
that blames our sender or our settings, or says that a mailbox is full, is never one about the address or the mail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Meaning = Literal["later", "slower", "no_address", "refused"]
"""`slower`: later, and the whole domain has had too much from us. `no_address`: nothing will ever arrive there.
`refused`: this mail is not taken; another one to the same address may be."""
Stage = Literal["recipient", "content"]
MAX_READ = 2_000
"""Characters of an answer that are looked at."""


@dataclass(frozen=True)
class KnownAnswer:
    """How a provider says something, as a regular expression of the lower-case text after the reply code."""

    provider: str
    says: str
    means: Meaning


def _answers(provider: str, means: Meaning, *says: str) -> tuple[KnownAnswer, ...]:
    return tuple(KnownAnswer(provider, text, means) for text in says)


PROVIDERS: tuple[KnownAnswer, ...] = (
    *_answers("QQ", "slower", r"frequency (is )?limited", r"suspected bounce attack", r"connection denied"),
    *_answers(
        "QQ", "later", r"spf check failed", r"(suspected spam|black(list)?ed?) ip", r"ip (is )?in (the )?black ?list"
    ),
    *_answers("QQ", "later", r"domain may not exist", r"dns check failed"),
    *_answers("QQ", "no_address", r"^mailbox (not found|unavailable or access denied)"),
    *_answers("QQ", "no_address", r"recipient may contain a non-?existent account"),
    *_answers("QQ", "refused", r"mail content (denied|spam)", r"rejected by recipients?"),
    # NetEase (163, 126, yeah.net) names its reasons by two letters and three.
    *_answers("163", "slower", r"\bhl:(rep|icc|ifc|ifq|mep|ihu|ipb)\b", r"\bmi:(stc|sfq|cel|dmc|ccl)\b"),
    *_answers("163", "slower", r"\brp:(drc|ccl|cel|trc|qrc)\b", r"smtp auth error limit exceed"),
    *_answers("163", "later", r"\bdt:rbl\b", r"\bwm:bl[iu]\b", r"ip is rejected", r"\b(dt|mi):(spf|dma)\b"),
    *_answers("163", "no_address", r"^user (suspended|not found)"),
    *_answers("163", "refused", r"\bdt:(spm|sum)\b", r"\bmi:(spb|imf|nhd|iml)\b"),
    *_answers(
        "Gmail", "slower", r"unusual rate of", r"receiving mail (at a rate|too quickly)", r"sending (quota|limit)"
    ),
    *_answers("Gmail", "later", r"authentication (information|checks?)|unauthenticated|sender is unauthenticated"),
    *_answers("Gmail", "no_address", r"account that you tried to reach (does not exist|is disabled|is inactive)"),
    *_answers("Outlook", "slower", r"server busy", r"\brp-00[1-6]\b", r"exceed(ed|s) .{0,30}threshold"),
    *_answers(
        "Outlook", "later", r"banned send(ing|er)", r"client host .{0,80}blocked", r"\bs31(40|50)\b", r"\bdy-00[12]\b"
    ),
    *_answers("Outlook", "later", r"traffic not accepted from this ip", r"does not pass dmarc", r"bad outbound sender"),
    *_answers("Outlook", "later", r"required authentication level", r"unregistered domain", r"abuse detected from ip"),
    *_answers(
        "Outlook",
        "no_address",
        r"recipient address(es)? rejected ?: access denied",
        r"recipientnotfound|recipnotfound",
    ),
    *_answers(
        "Naver", "slower", r"you send too many (messages|e-?mails)", r"sent too many e-?mails", r"too many connections?"
    ),
    *_answers("Naver", "later", r"your ip ?\(?.{0,60}(is filtered|blocked)", r"register your ip"),
    *_answers("Naver", "no_address", r"(inactive|no such) (mbox|mailbox)", r"suspended user"),
    *_answers("Daum", "later", r"\bdas\d+\b", r"spam_suspect:ip"),
    *_answers("Daum", "refused", r"blocked automatically by anti-?spam"),
    *_answers("Kakao", "no_address", r"dormant (user|account)"),
    *_answers("Yahoo", "later", r"all messages from \S+ will be permanently deferred"),
    *_answers("Yahoo", "no_address", r"user (does not|doesn't) have an? \S+ account"),
)
"""The first one that fits counts, so what an operator can mend stands before what no one can."""

_FULL = (
    r"box (is )?full|account is full|quota|storage allocation|(mailbox|account)( \S+)? (is )?over |mailbox size"
    r"|(insufficient|out of|not enough) (system |disk )?(storage|space)|容量|已满|空间不足|용량|가득"
)
"""A full mailbox, whatever else is said of it."""
_MAILBOX = r"(수신자|수신인|받는 ?사람|사용자|계정|메일함|주소)"
_SENDER = (
    r"sender verif(y|ication)|(unknown|invalid|bad|unverified|no such) sender\b",
    r"(?<!to )(sender|return[- ]path|mail[- ]?from)('s)?( e-?mail)?( address| domain)?( \S+)? (is )?"
    r"(rejected|refused|unknown|invalid|unverified|(does not|doesn't|not) exist|not (found|known|valid|verified))",
    r"(sending|from) domain( \S+)? (is )?(unknown|invalid|(does not|doesn't|not) exist|not (found|known|valid))",
    r"发(件|信)[^收,，。]{0,12}(不存在|无效|未找到|禁用|停用|注销|冻结)|发件人(地址|域名)?(已?被)?拒绝",
    r"(발신|송신|보낸|보내는)[^수받,.]{0,16}(존재하지|찾을 수 없|없는|없습니다)",
    r"존재하지 않는 도메인|(?<!수신 )도메인(이|을)? ?(존재하지|찾을 수 없)",
)
"""Our own sender is not known there, or its domain is not: an operator can mend it while the mail waits."""
_SETTINGS = (
    r"relay(ing)?( access| is| to \S+)? (denied|prohibited|forbidden|not (permitted|allowed))",
    r"(unable|not (permitted|allowed|able)|cannot|can't|refuse|do not|don't) (to )?relay|rcpthosts|中继|릴레이",
    # At the beginning only: a group that takes mails of its own organisation alone ends with the same words (5.7.133).
    r"^<?(smtp[;:]? )?(authentication|authori[sz]ation|login) (is )?required|client (was |is )?not authenticated",
    r"please (log ?in|authenticate)|not logged in|starttls|(tls|encryption) (is )?required|requires? (tls|encryption)",
    r"\b(helo|ehlo)\b|client host( \S+)? rejected|reverse (dns|host ?name)|\brdns\b|\bptr\b|dnsbl|ipcheck",
    # Not the rules that a filter lists, as SPF_PASS.
    r"(?<![a-z_])(spf|dkim|dmarc)(?![a-z_])(?!\W{0,3}pass)",
)
"""The server does not know us, for how our operator has set up the way to it, or the records of our domain."""
_WORDS: tuple[tuple[str, Meaning], ...] = (
    (
        r"frequency|too (many|fast)|rate.?limit|throttl|exceeded .{0,30}(limit|rate)|slow down",
        "slower",
    ),
    (r"频率|频繁|超过.{0,8}限制", "slower"),
    (r"try (again )?later|temporar|gr[ae]y.?list|please retry", "later"),
    (_FULL, "later"),
    (r"rbl|blacklist|blocklist|spamhaus|blocked using|not resolve|reverse dns|invalid dns|稍后|잠시 후", "later"),
    (r"(user|account|mailbox|recipient|address)( \S+)? (is )?(unknown|not found|not known|disabled)", "no_address"),
    (
        r"(unknown|invalid|no such) (local )?(user|account|mailbox|recipient|address)|(does not|doesn't|not) exist",
        "no_address",
    ),
    (r"no mailbox|존재하지 않는|없는 (사용자|메일)|휴면 ?(계정|사용자|회원)", "no_address"),
    (r"(用户名?|收件人|[帐账][号户]|[邮信]箱|地址)(地址|[帐账]号|名)?(不存在|未找到)", "no_address"),
    (r"(用户|[帐账][号户]|[邮信]箱)已?被?(禁用|停用|注销|冻结)", "no_address"),
    (_MAILBOX + r"(가|이|를|을|는|은)? ?(존재하지 ?않|찾을 수 없|없습니다)", "no_address"),
    (r"non-?existent (user|account|mailbox|recipient|address)|unroute?able address", "no_address"),
    (r"^#?5\.1\.0 address rejected", "no_address"),
    # RFC 5321 has these words for a mailbox that is not there, and for what a policy refuses.
    (r"mailbox (is )?unavailable.{0,200}(polic|spam|block|denied|reject|content|reputation)", "refused"),
    (r"mailbox (is )?unavailable", "no_address"),
)

_NEVER_THERE = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"}
"""No mailbox, no domain, no address, moved, takes no mail (RFC 7505), disabled, no route."""
_PASSES = {"5.2.2", "5.3.0", "5.3.1", "5.3.2", "5.4.5", "5.1.8", "5.7.23", "5.7.25", "5.7.26", "5.7.27", "5.7.515"}
_PASSES |= {"5.7.8", "5.7.11", "5.7.54", "5.7.57", "5.7.64", "5.7.501", "5.7.506", "5.7.606", "5.7.708", "5.7.750"}
"""A full mailbox or server; and what an operator of ours can mend while the mail waits: SPF, DKIM, reverse DNS, login,
relay, blocked addresses."""
_SAYS_NOTHING = {"5.0.0", "5.1.0", "5.2.0", "5.5.0", "4.0.0", "2.0.0"}
"""Something is wrong with an address, a mailbox, a command: the words may say what."""
_SLOWER = {"5.7.28", "4.7.28", "5.4.5"}
NOT_LOGGED_IN = frozenset({530, 534, 535, 538})
"""The server wants a login or an encrypted line (RFC 4954), whatever the command was."""
OUT_OF_STEP = frozenset({500, 502, 503})
"""A command that the server did not expect then: it is about the line, not about the mail or its address."""
_STATUS = re.compile(r"^\s*#?([245]\.\d{1,3}\.\d{1,3})\b")
_KNOWN = [(re.compile(answer.says), answer.means) for answer in PROVIDERS]
_COMMON = [(re.compile(words), means) for words, means in _WORDS]
_IS_FULL = re.compile(_FULL)
_BLAMES_US = [re.compile(says) for says in (*_SENDER, *_SETTINGS)]


def meaning(code: int, text: str, stage: Stage) -> Meaning:
    """What a reply to RCPT (`recipient`) or to the mail itself (`content`) means for the mail and its address."""
    said = " ".join(text[:MAX_READ].lower().split())
    status = _STATUS.match(said)
    words = said[status.end() :].strip() if status else said
    known = _first(_KNOWN, words)
    if code < 500:  # 4yz is never final, whatever the text says (RFC 5321, 4.2.1)
        is_rate = known == "slower" or (status is not None and status[1] in _SLOWER)
        return "slower" if is_rate or _first(_COMMON, said) == "slower" else "later"
    if code in OUT_OF_STEP or code in NOT_LOGGED_IN:
        return "later"
    told = status[1] if status and status[1] not in _SAYS_NOTHING else ""
    found = known or _by_status(told) or _by_words(code, said, stage)
    # A mail that was taken up to its content was addressed to somebody.
    if found == "no_address" and stage == "content" and not told and known is None:
        found = "refused"
    return "later" if _is_excused(found, words) else found


def _is_excused(found: Meaning, words: str) -> bool:
    """Whether it is neither the address nor the mail that is wrong, although it reads so."""
    if found == "no_address" and _IS_FULL.search(words):
        return True
    return found in ("no_address", "refused") and any(pattern.search(words) for pattern in _BLAMES_US)


def _first(rules: list[tuple[re.Pattern[str], Meaning]], said: str) -> Meaning | None:
    return next((means for pattern, means in rules if pattern.search(said)), None)


def _by_status(status: str) -> Meaning | None:
    if status in _SLOWER:
        return "slower"
    if status.startswith("4.") or status in _PASSES:
        return "later"
    if status in _NEVER_THERE:
        return "no_address"
    return "refused" if status else None


def _by_words(code: int, said: str, stage: Stage) -> Meaning:
    found = _first(_COMMON, said)
    if code == 552 and stage == "recipient" and found in (None, "no_address"):
        return "later"  # its mailbox is full
    return found or ("no_address" if code == 551 else "refused")
