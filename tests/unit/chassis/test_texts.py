"""Which strings may become public, and as what they are kept."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.chassis.model.texts import Instant, PrivateText, PublicName, PublicText, PublicUrl


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
