"""Mails as bytes, read by a parser that is not the one which was fooled."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from services.notifications.domain.addresses import ascii_address
from services.notifications.mailing import mime
from services.notifications.mailing.contents import MailContent, MailItem
from services.notifications.mailing.mime import Foreign, Part, alternatives, header, one_line
from services.notifications.mailing.renderer import MailRenderer, quoted
from tests.support.raw_mail import RawMail

FORGED = "=?utf-8?q?Hanbit=0D=0AReply-To=3A_p=40evil=2Eexample=0D=0A=0D=0APay_here?="
NAMES = [
    "Reply-To",
    FORGED,
    f"한빛 {FORGED}",
    "=?utf-8?b?SGFuYml0DQpCY2M6IHg=?=",
    "=?nonsense-9?q?Hanbit?=",
    "=?utf-8?b?=FF=FF=FF?=",
    "=?utf-8?q?",
    "?= =?",
    "Hanbit\r\nBcc: all@world.example",
    "Hanbit\nBcc: x",
    "Hanbit\u2028Bcc: x\u0085y\x0bz\x00",
    "새로운 협력 제안 — 华桥汽车电子有限公司 그리고 아주 긴 이름을 가진 기관 " * 4,
    "한글과  두 칸   세 칸",
    "👨‍👩‍👧‍👦" * 30,
    "a" * 400,
    "plain words of a name " * 8,
    '"; <p@evil.example>, (x) \\ @ : [1]',
    "\ud800half",
    "",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("field", ["Subject", "From", "X-A-Very-Long-Name-Of-A-Header-That-Nobody-Needs"])
def test_a_foreign_text_stays_one_header_and_comes_back_as_it_was_written(field: str, name: str) -> None:
    mail = RawMail((header(field, Foreign(name)) + header("To", "<k@hanbit.example>") + "\r\n").encode("ascii"))
    assert mail.names == [field, "To"]
    assert mail[field] == one_line(name)


@pytest.mark.parametrize("name", NAMES)
def test_an_address_after_a_foreign_name_stays_apart_from_it(name: str) -> None:
    mail = RawMail((header("From", Foreign(name), "<m@bridge.example>") + "\r\n").encode("ascii"))
    assert mail["From"] == f"{one_line(name)} <m@bridge.example>".strip()
    shown = (mail.raw_value("From") or b"").removesuffix(b"<m@bridge.example>")
    assert b"@" not in shown and b"<" not in shown and b'"' not in shown, "no reader finds another address in the name"


@pytest.mark.parametrize("guarded", [True, False])
def test_what_encodes_foreign_texts_is_needed(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not guarded:
        monkeypatch.setattr(mime, "_encoded", lambda text, used: iter([text]))
    mail = a_mail(items=[MailItem("=?utf-8?q?x=0D=0ABcc=3A_y?= z", "y")])
    assert (mail["Subject"] == "=?utf-8?q?x=0D=0ABcc=3A_y?= z") is guarded
    assert ("Bcc" in a_mail(items=[MailItem("x\r\nBcc: all@world.example", "y")]).names) is not guarded


def test_one_line_keeps_every_blank_and_takes_line_ends_and_controls() -> None:
    assert one_line("a  b\u3000c") == "a  b\u3000c"
    assert one_line("a\r\n\tb\x85c\u2029d\u202ee\x00f\ud800g") == "a b c d e f g"


@pytest.mark.parametrize("value", ["a\r\nBcc: x", "한빛", "a\tb", "a\x7f", "x" * 1000])
def test_a_value_of_ours_is_ascii_on_one_line_or_refused(value: str) -> None:
    with pytest.raises(ValueError, match="X-Ours"):
        header("X-Ours", value)
    with pytest.raises(ValueError, match="no name"):
        header("X-Ours: a\r\nBcc", "x")


def test_what_machines_read_leaves_as_it_is() -> None:
    mail = a_mail(items=[MailItem("미팅 확정", "확정")])
    assert mail.raw_value("List-Unsubscribe") == b"<https://magpie.example/unsubscribe/" + b"a" * 200 + b">"
    assert mail.raw_value("List-Unsubscribe-Post") == b"List-Unsubscribe=One-Click"
    assert mail.raw_value("Message-ID") == b"<d-1@bridge.example>"
    assert mail.raw_value("Date") == b"Tue, 01 Dec 2026 00:00:00 +0000"
    assert mail.raw_value("From") == b"Magpie <magpie@bridge.example>"


def a_mail(**changes: Any) -> RawMail:
    fields: dict[str, Any] = {
        "to": "kim@hanbit.example",
        "sender": "Magpie <magpie@bridge.example>",
        "lang": "ko",
        "message_id": "<d-1@bridge.example>",
        "attempt": 1,
        "unsubscribe_url": "https://magpie.example/unsubscribe/" + "a" * 200,
        "at": dt.datetime(2026, 12, 1, tzinfo=dt.UTC),
    }
    return RawMail(MailRenderer().render(MailContent(**(fields | changes))).raw)


FORGED_END = "좋은 회사\r\n\r\n2. Magpie\r\n-- \r\nhttps://evil.example/unsubscribe\u2028-- \x0b-- "


@pytest.mark.parametrize("place", ["title", "text", "evidence"])
def test_line_ends_in_a_text_forge_neither_a_notice_nor_the_footer(place: str) -> None:
    said = {"title": "제안", "text": "살펴보세요", "evidence": "라이다"} | {place: FORGED_END}
    lines = a_mail(items=[MailItem(**said), MailItem("둘째", "글")]).parts["text/plain"].text.splitlines()
    assert [line for line in lines if line.startswith("2.")] == ["2. 둘째"]
    assert [line.rstrip() for line in lines].count("--") == 1
    assert not [line for line in lines if line.startswith("https://evil")]


def test_every_line_of_a_quoted_text_has_its_mark() -> None:
    assert quoted("a\r\nb\u2028c\x0bd") == "> a\n> b\n> c\n> d"


def test_a_link_shows_the_host_that_it_leads_to() -> None:
    html = a_mail(items=[MailItem("x", "https://evil.example/a")]).parts["text/html"].text
    assert html.count("<a ") == 1 and "</a> (magpie.example)" in html


def test_parts_have_a_boundary_that_no_text_can_write() -> None:
    mail = RawMail(alternatives([], [Part("text/plain; charset=utf-8", "--=_x\r\na\nb\rc")]))
    assert mail.parts["text/plain"].text == "--=_x\r\na\r\nb\r\nc"


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("kim@hanbit.example", "kim@hanbit.example"),
        ("Kim.Hana+x@Hanbit.example", "Kim.Hana+x@hanbit.example"),
        ("kim@한빛.example", "kim@xn--xx3br43b.example"),
        ("kim@한빛센서。한국", "kim@xn--xx3bk4czco05g.xn--3e0b707e"),
        ("w@例子.中国", "w@xn--fsqu00a.xn--fiqs8s"),
    ],
)
def test_a_domain_is_sent_as_punycode(address: str, sent: str) -> None:
    assert ascii_address(address) == sent
    assert sent.partition("@")[2] == address.partition("@")[2].encode("idna").decode().lower(), "Python's own codec"


@pytest.mark.parametrize(
    "address",
    [
        "김하나@hanbit.example",
        f"{FORGED}@hanbit.example",
        "=?utf-8?q?x?=@hanbit.example",
        "kim@hanbit",
        "kim@1.2.3.4",
        "kim@a_b.example",
        "kim@-a.example",
        "kim@a..example",
        "kim.@hanbit.example",
        "k im@hanbit.example",
        '"k"@hanbit.example',
        "kim@evil.example@hanbit.example",
        "kim@hanbit.example\r\nRCPT TO:<x@evil.example>",
        "kim@hanbit.example\n",
        f"{'k' * 65}@hanbit.example",
        f"kim@{'a' * 250}.example",
        f"kim@{'한' * 60}.example",
        "kim@xn--\u0301.example",
        "a" + "\u0301" * 64_000,
        "",
    ],
)
def test_an_address_that_no_server_takes_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address") as refused:
        ascii_address(address)
    assert not address or address not in str(refused.value)
