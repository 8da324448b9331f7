"""What is missing is named at the start; what is secret is not repeated."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.translation.settings import TranslationSettings

SECRET = "sk-only-for-tests"
WHOLE = {"OPENAI_BASE_URL": "https://llm.example/v1/", "OPENAI_MODEL": "tiny-1", "OPENAI_KEY": SECRET + "\n"}


def settings(monkeypatch: pytest.MonkeyPatch, **values: str) -> TranslationSettings:
    for name, value in values.items():
        monkeypatch.setenv(f"MAGPIE_TRANSLATION_{name}", value)
    return TranslationSettings()


def test_the_glossary_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings(monkeypatch).engine == "glossary"


def test_openai_has_an_endpoint_a_model_and_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, ENGINE="openai", **WHOLE)
    assert found.openai_base_url == "https://llm.example/v1"
    assert found.openai_key is not None and found.openai_key.get_secret_value() == SECRET
    assert SECRET not in repr(found)


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("empty", [False, True])
def test_what_is_missing_is_named_and_the_key_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, empty: bool
) -> None:
    values = {key: value for key, value in WHOLE.items() if key != name} | ({name: ""} if empty else {})
    with pytest.raises(ValidationError, match=f"needs MAGPIE_TRANSLATION_{name} too") as error:
        settings(monkeypatch, ENGINE="openai", **values)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENGINE", "oracle"),
        ("OPENAI_BASE_URL", "llm.example"),
        ("OPENAI_BASE_URL", f"https://me:{SECRET}@llm.example/v1"),
        ("OPENAI_BASE_URL", "https://llm.example/v1?x=1"),
        ("OPENAI_KEY", f"{SECRET}\r\nX-Other: 1"),
        ("OPENAI_KEY", f"{SECRET}키"),
        ("OPENAI_TIMEOUT", "0"),
        ("TRIES", "0"),
    ],
)
def test_what_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name.lower()) as error:
        settings(monkeypatch, **({"ENGINE": "openai", **WHOLE} | {name: value}))
    assert SECRET not in str(error.value)
