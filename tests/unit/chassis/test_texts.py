"""Which strings may become public, and as what they are kept."""

from __future__ import annotations

import random
import unicodedata
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.chassis.model.texts import Instant, PrivateText, PublicName, PublicText, PublicUrl, public_url


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        (PublicName, "  한빛센서 ", "한빛센서"),
        (PublicName, unicodedata.normalize("NFD", "한빛센서"), unicodedata.normalize("NFD", "한빛센서")),
        (PublicName, "\uf90a\u2f00 ㈜가람", "\uf90a\u2f00 ㈜가람"),
        (PublicName, "두\r\n줄\t끝", "두 줄 끝"),
        (PublicText, "첫 줄\r\n\uf0b7 둘째\t줄\r\uf06c 셋째", "첫 줄\n• 둘째 줄\n• 셋째"),
        (PublicText, "첫 줄\n둘째 줄", "첫 줄\n둘째 줄"),
        (PublicText, unicodedata.normalize("NFD", "값" * 1900), unicodedata.normalize("NFD", "값" * 1900)),
        (PublicName, "👩\u200d🔬 연구소", "👩\u200d🔬 연구소"),
        (PrivateText, "\U00031350", "\U00031350"),
        (PublicUrl, "https://example.com", "https://example.com/"),
    ],
)
def test_a_text_is_kept_as_it_was_typed(kind: Any, sent: str, kept: str) -> None:
    assert TypeAdapter(kind).validate_python(sent) == kept


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        (PublicName, "두\n줄"),
        (PublicName, "\ue000"),
        (PublicName, "\u3164"),
        (PublicName, "\u115f\u1160"),
        (PublicName, "\ufe0f\ufe0f"),
        (PublicName, "\u2800"),
        (PublicName, "\u200d\u200b"),
        (PublicName, "\u034f"),
        (PublicName, "\U000e0100"),
        (PublicName, "\U0001d159"),
        (PublicText, "\u2800\n\u3164"),
        (PublicName, "\u202eevil"),
        (PublicText, "널\u0000"),
        (PublicText, "구분\u2028자"),
        (PublicText, "\ufffe"),
        (PublicText, "   "),
        (PublicText, "값" * 2001),
        (PublicText, 5),
        (PublicText, "문의 hong@example.com"),
        (PublicUrl, "https://example.com/?m=hong%40example.com"),
        (PublicUrl, "https://user@example.com/"),
        (PublicUrl, "ftp://example.com/"),
        (Instant, 1800000000),
        (Instant, "1800000000"),
        (Instant, "2027-01-31"),
        (Instant, "2027-01-31T10:00:00"),
        (Instant, "9999-12-31T23:59:59-01:00"),
        (Instant, "2027-01-31T10:00:00 09:00"),
    ],
)
def test_what_may_not_become_public_is_refused(kind: Any, sent: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(sent)


CHATS = ["wa.me/821012345678", "t.me/kimminsu", "open.kakao.com/o/sAbCd", "line.me/ti/p/abc", "u.wechat.com/abc"]
PAGES = [
    "hanbit.co.kr/ko/about?x=1#top",
    "한빛.한국/제품/센서",
    "www.etnews.com/20261130000123",
    "例子.中国/产品?名=光",
]


def disguised(address: str, chance: random.Random) -> str:
    """The same address, written in another way that browsers take for it."""
    host, _, path = address.partition("/")
    letters = [f"%{ord(c):02x}" if c.isascii() and chance.random() < 0.2 else c for c in host]
    host = "".join(letters).replace(".", chance.choice([".", "。", "．"]))
    host += chance.choice(["", ":443", ".", ":8443"])
    before = chance.choice(["/", "//", "/./", "/x/../", "/%2e/", "\\"])
    return f"{chance.choice(['https', 'HTTPS'])}:{chance.choice(['//', '/', '', '///'])}{host}{before}{path}"


@pytest.mark.parametrize("address", CHATS)
def test_a_chat_is_refused_however_its_address_is_written(address: str) -> None:
    chance = random.Random(address)

    for _ in range(200):
        typed = disguised(address, chance)
        with pytest.raises(ValueError, match=r"link to a person|phone number"):
            public_url(typed)


@pytest.mark.parametrize("address", PAGES)
def test_an_address_that_was_taken_is_taken_again_as_it_is(address: str) -> None:
    chance = random.Random(address)

    for _ in range(200):
        kept = public_url(disguised(address, chance))
        assert public_url(kept) == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("hanbit.co.kr", "does not begin with https://; .* for example https://"),
        ("www.hanbit.co.kr", "does not begin with https://; .* for example https://"),
        ("https：//hanbit.co.kr", "does not begin with https://"),
        ("https://", "is no address that a browser can open"),
        ("https://han bit.co.kr/", "is no address that a browser can open"),
        ("https://localhost/", "not in the public internet"),
        ("https://x", "not in the public internet"),
        ("https://intra.hanbit.local/", "not in the public internet"),
        ("https://192.168.0.1/", "local network"),
        ("https://0x7f.1/", "local network"),
        ("https://[::1]/", "local network"),
    ],
)
def test_a_refused_address_says_what_to_write(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        public_url(typed)
