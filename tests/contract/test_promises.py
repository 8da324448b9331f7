"""K14: a field that readers rely on does not go quietly, whatever is mended beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas import generate, promises


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The schemas of today, as they were released."""
    monkeypatch.setattr(promises, "FILE", tmp_path / "promises.json")
    documents = generate.documents()
    promises.extend(documents)
    return documents


def changed(documents: dict[str, str], old: str, new: str) -> dict[str, str]:
    name = "v1/reader/magpie.match.agreed.json"
    return documents | {name: documents[name].replace(f'"{old}"', f'"{new}"')}


def test_what_is_committed_keeps_its_promises() -> None:
    assert promises.broken(generate.documents()) == []
    kept = promises.kept(generate.documents())
    assert promises.promised() == promises.promised() | kept, "run `make schemas`"


def test_a_renamed_field_is_red_with_a_sentence_also_after_make_schemas(released: dict[str, str]) -> None:
    renamed = changed(released, "score", "fit_score")
    promises.extend(renamed)
    (sentence,) = promises.broken(renamed)
    assert sentence.startswith("magpie.match.agreed: `score` is gone.") and "new version of the topic" in sentence


def test_another_type_is_red(released: dict[str, str]) -> None:
    assert any("was number and is string" in line for line in promises.broken(changed(released, "number", "string")))


def test_a_field_that_is_no_longer_certain_is_red(released: dict[str, str]) -> None:
    schema = json.loads(released["v1/reader/magpie.match.agreed.json"])
    schema["required"].remove("match_id")
    loose = released | {"v1/reader/magpie.match.agreed.json": json.dumps(schema)}
    assert "`match_id` was string and is string?" in promises.broken(loose)[0]


def test_a_new_field_is_no_breach_and_is_promised_from_then_on(released: dict[str, str]) -> None:
    schema = json.loads(released["v1/reader/magpie.match.agreed.json"])
    schema["properties"]["added"] = {"type": "string"}
    wider = released | {"v1/reader/magpie.match.agreed.json": json.dumps(schema)}
    assert promises.broken(wider) == []
    promises.extend(wider)
    assert "`added` is gone" in promises.broken(released)[0]


def test_an_event_that_is_gone_is_red(released: dict[str, str]) -> None:
    del released["v1/reader/magpie.match.expired.json"]
    assert {line.partition(":")[0] for line in promises.broken(released)} == {"magpie.match.expired"}
