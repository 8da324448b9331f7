"""The organisations of the forum and their people, from organisations.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "organisations.yaml"
COUNTRY_ZONE = {"KR": "Asia/Seoul", "CN": "Asia/Shanghai"}
COUNTRY_LANGUAGE = {"KR": "ko", "CN": "zh"}
COUNTRY_SCRIPT = {"KR": "Hang", "CN": "Hans"}


@dataclass(frozen=True)
class Person:
    """A member of an organisation. `sub` is the pseudonym in tokens; `record` is the private member record."""

    sub: str
    record: dict[str, Any]
    lang: str
    zone: str


@dataclass(frozen=True)
class Organisation:
    """An organisation. `profile` is the body of `POST /v1/profiles`."""

    owner: str
    country: str
    names: dict[str, str]
    profile: dict[str, Any]
    people: list[Person]

    def display_name(self, lang: str) -> str:
        """Its name in this language, else in English, else any name."""
        return self.names.get(lang) or self.names.get("en") or next(iter(self.names.values()))


def organisations() -> list[Organisation]:
    """All organisations; Korean and Chinese ones take turns, and neighbours fit each other."""
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
        "offers": [_profile_entry(*fields) for fields in entry["offers"]],
        "needs": [_profile_entry(*fields) for fields in entry["needs"]],
    }
    people = [_person(entry, n) for n in range(len(entry["members"]))]
    return Organisation(entry["owner"], country, entry["names"], profile, people)


def _profile_entry(kind: str, lang: str, text: str, *topics: str) -> dict[str, Any]:
    return {"kind": kind, "text": {"lang": lang, "text": text}, "topics": list(topics)}


def _person(entry: dict[str, Any], index: int) -> Person:
    """The member at `index` of an organisation's entry in the file."""
    owner, country = entry["owner"], entry["country"]
    family, given, latin, title = entry["members"][index]
    name = {
        "family": family,
        "given": given,
        "full_native": family + given,
        "script": COUNTRY_SCRIPT[country],
        "order": "family_first",
        "latin": latin,
    }
    mail = f"{latin.split()[0].lower()}{index + 1}@{owner}.example"
    record = {"name": name, "email": mail, "languages": entry["languages"], "title": title}
    return Person(f"{owner}-{index + 1}", record, COUNTRY_LANGUAGE[country], COUNTRY_ZONE[country])
