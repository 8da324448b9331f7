"""The demonstration's forum has the size of the real one, and its texts are such as people write."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.demo.content import Organisation, organisations
from schemas.common import COUNTRIES, KINDS, LANGUAGES, ORGANISATION_TYPES
from schemas.screening import find_personal

ALL = organisations()
PAIRS = list(zip(ALL[::2], ALL[1::2], strict=True))
SLUG = r"[a-z0-9][a-z0-9-]{2,63}"


def entries(organisation: Organisation) -> list[dict[str, Any]]:
    return [*organisation.profile["offers"], *organisation.profile["needs"]]


def strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for part in value.values():
                yield from strings(part)
        case list():
            for part in value:
                yield from strings(part)


def written_in(text: str) -> str:
    """By its script, as rule 10 has it."""
    if any("가" <= c <= "힣" for c in text):
        return "ko"
    return "zh" if any("一" <= c <= "鿿" for c in text) else "en"


def kinds(organisation: Organisation, side: str) -> set[str]:
    return {entry["kind"] for entry in organisation.profile[side]}


def test_it_is_as_large_as_the_forum_of_2022() -> None:
    countries = Counter(o.country for o in ALL)
    assert len(ALL) >= 88 and countries[COUNTRIES[0]] == countries[COUNTRIES[1]]
    assert sum(len(o.people) for o in ALL) == 250
    assert {len(o.people) for o in ALL} <= {2, 3, 4}


def test_nobody_and_nothing_is_there_twice() -> None:
    owners = [o.owner for o in ALL]
    names = [p.record["name"]["full_native"] for o in ALL for p in o.people]
    texts = [entry["text"]["text"] for o in ALL for entry in entries(o)]
    titles = [name for o in ALL for name in o.names.values()]
    for found in (owners, names, texts, titles):
        assert [x for x, n in Counter(found).items() if n > 1] == []


@pytest.mark.parametrize("organisation", ALL, ids=lambda o: o.owner)
def test_an_organisation_may_register(organisation: Organisation) -> None:
    """Open vocabularies are met, every text declares its language, nothing public points to a person."""
    assert re.fullmatch(SLUG, organisation.owner)
    assert organisation.profile["organisation"]["type"] in ORGANISATION_TYPES
    assert set(organisation.names) | set(organisation.profile["languages"]) <= set(LANGUAGES)
    for entry in entries(organisation):
        said = entry["text"]
        assert entry["kind"] in KINDS and entry["topics"]
        assert said["lang"] in organisation.profile["languages"] and written_in(said["text"]) == said["lang"]
    assert [s for s in strings(organisation.profile) if find_personal(s)] == []


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].owner)
def test_neighbours_fit_each_other_across_the_border(pair: tuple[Organisation, Organisation]) -> None:
    one, other = pair
    assert (one.country, other.country) == ("KR", "CN")
    assert kinds(one, "needs") == kinds(other, "offers") and kinds(one, "offers") == kinds(other, "needs")


def test_all_kinds_and_types_occur() -> None:
    assert {entry["kind"] for o in ALL for entry in entries(o)} == set(KINDS)
    assert {o.profile["organisation"]["type"] for o in ALL} == set(ORGANISATION_TYPES)
    zones = [o for o in ALL if o.profile["organisation"]["type"] == "zone"]
    assert [o.country for o in zones] == ["CN"]


def test_names_are_written_in_the_script_that_they_declare() -> None:
    ranges = {"Hang": ("가", "힣"), "Hans": ("一", "鿿")}
    for organisation in ALL:
        for person in organisation.people:
            name = person.record["name"]
            low, high = ranges[name["script"]]
            assert all(low <= c <= high for c in name["full_native"]) and name["latin"].isascii()
