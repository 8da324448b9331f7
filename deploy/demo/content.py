"""Who comes to the forum and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "organisations.yaml"
ZONES = {"KR": "Asia/Seoul", "CN": "Asia/Shanghai"}
LANGUAGE = {"KR": "ko", "CN": "zh"}
SCRIPT = {"KR": "Hang", "CN": "Hans"}


@dataclass(frozen=True)
class Person:
    """A member of an organisation. `sub` is the pseudonym that the platform knows."""

    sub: str
    record: dict[str, Any]
    lang: str
    zone: str


@dataclass(frozen=True)
class Organisation:
    owner: str
    country: str
    names: dict[str, str]
    profile: dict[str, Any]
    people: list[Person]

    def called(self, lang: str) -> str:
        return self.names.get(lang) or self.names.get("en") or next(iter(self.names.values()))


def organisations() -> list[Organisation]:
    """All of them, the countries in turn."""
    return [_organisation(entry) for entry in yaml.safe_load(FILE.read_text())]


def _organisation(entry: dict[str, Any]) -> Organisation:
    country = entry["country"]
    profile = {
        "organisation": {
            "type": entry["type"],
            "country": country,
            "names": entry["names"],
            "legal_name": entry["legal_name"],
            "website": f"https://{entry['owner']}.example/",
        },
        "languages": entry["languages"],
        "offers": [_said(*said) for said in entry["offers"]],
        "needs": [_said(*said) for said in entry["needs"]],
    }
    people = [
        _person(entry["owner"], n, country, entry["languages"], *member) for n, member in enumerate(entry["members"], 1)
    ]
    return Organisation(entry["owner"], country, entry["names"], profile, people)


def _said(kind: str, lang: str, text: str, *topics: str) -> dict[str, Any]:
    return {"kind": kind, "text": {"lang": lang, "text": text}, "topics": list(topics)}


def _person(
    owner: str, n: int, country: str, languages: list[str], family: str, given: str, latin: str, title: str
) -> Person:
    name = {
        "family": family,
        "given": given,
        "full_native": family + given,
        "script": SCRIPT[country],
        "order": "family_first",
        "latin": latin,
    }
    mail = f"{latin.split()[0].lower()}{n}@{owner}.example"
    record = {"name": name, "email": mail, "languages": languages, "title": title}
    return Person(f"{owner}-{n}", record, LANGUAGE[country], ZONES[country])
