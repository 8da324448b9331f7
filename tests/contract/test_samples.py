"""The samples for the tests of subscribers, and the tables of their guide, are what the contract says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError

from schemas import generate, guide, samples
from schemas.catalogue import EVENTS
from schemas.envelope import Event, schema_path
from schemas.registry import MIN_NOTICE_DAYS, registry
from services.chassis.kafka_in.decoding import attributes, decode, event_type
from services.chassis.model.events import MAX_EVENT_BYTES
from services.chassis.model.refusals import Unreadable
from tests.contract.test_contract import record
from tests.support.contract import refused, valid

SCHEMAS = generate.documents()


@pytest.mark.parametrize("name", EVENTS)
def test_each_event_has_its_samples_and_they_are_valid(name: str) -> None:
    found = valid(name)
    if not issubclass(EVENTS[name], Event):
        assert set(found) == {"tombstone"} and found["tombstone"]["value"] is None
        return
    assert {"smallest", "largest"} <= set(found)
    for sample in found.values():
        for side in ("writer", "reader"):
            jsonschema.validate(sample["value"], json.loads(SCHEMAS[schema_path(name, side)]))
        received = record(sample)
        event = decode(received, attributes(received), EVENTS[name])
        assert event.data is not None and event.key == sample["key"]
        said = json.loads(event.data.model_dump_json(exclude_none=True))
        assert sample["value"].items() <= said.items()
    fields = {kind: len(sample["value"]) for kind, sample in found.items()}
    assert fields["smallest"] == min(fields.values()) and fields["largest"] == max(fields.values())
    assert len(json.dumps(found["largest"]["value"])) < MAX_EVENT_BYTES


@pytest.mark.parametrize("name", EVENTS)
def test_the_key_of_each_sample_is_the_one_that_the_contract_names(name: str) -> None:
    """And so are the ids in it: a subscriber who tries a sample takes it for what comes."""
    (topic,) = [topic for topic in registry() if name in topic.events]
    for sample in valid(name).values():
        value = sample["value"] or {}
        assert sample["headers"]["ce_subject"] == sample["key"]
        if topic.name == "translations" and value:
            assert sample["key"] == f"{value['text_id']}:{value['translation']['lang']}"
            assert value["source"] != value["translation"]["lang"]
        elif topic.name == "translations":
            assert re.fullmatch("[a-z2-7]{26}:(ko|zh|en)", sample["key"])
        elif value:
            field = "part_id" if name == "magpie.forum.scheduled" else topic.key.partition(";")[0]
            assert sample["key"] == value[field]
        assert re.fullmatch("[a-z0-9-]{3,64}:[a-z0-9-]{3,64}", value.get("recipient_id", "org:sub"))


def test_texts_are_there_in_three_languages() -> None:
    found = valid("magpie.profile.published")
    texts = {lang: found[lang]["value"]["offers"][0]["text"] for lang in ("ko", "zh", "en")}
    assert {lang: text["lang"] for lang, text in texts.items()} == {"ko": "ko", "zh": "zh", "en": "en"}
    assert len(found["largest"]["value"]["offers"]) == 30


@pytest.mark.parametrize("name", [name for name, event in EVENTS.items() if issubclass(event, Event)])
def test_a_body_that_is_said_to_be_wrong_is_refused_by_the_readers_schema(name: str) -> None:
    schema = json.loads(SCHEMAS[schema_path(name, "reader")])
    example = valid(name)["smallest"]["value"]
    wrong = [sample for sample in refused(name) if not _same(sample["value"], example)]
    bodies = [sample for sample in wrong if "ce_" not in sample["reason"]]
    assert len(bodies) == 3 and all(sample["reason"] for sample in refused(name))
    for sample in bodies:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(sample["value"], schema)


LENIENT = ("the key is not ce_subject", "ce_time has no zone")
"""Of these docs/subscribers.md says that our own reader takes them."""


@pytest.mark.parametrize("name", EVENTS)
def test_our_own_reader_refuses_what_the_guide_says_and_takes_the_rest(name: str) -> None:
    taken = []
    for sample in refused(name):
        received = record(sample)
        try:
            found = attributes(received)
            event_type(received, found)
            decode(received, found, EVENTS[name])
        except (Unreadable, ValidationError):
            continue
        taken.append(sample["reason"])
    assert tuple(taken) == LENIENT


def _same(one: object, other: object) -> bool:
    return json.dumps(one) == json.dumps(other)


def test_stale_samples_and_tables_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert samples.stale() == [] and not guide.is_stale(), "run `make schemas`"
    page = tmp_path / "subscribers.md"
    page.write_text(guide.text().replace("| 90 days |", "| 9 days |"))
    monkeypatch.setattr(guide, "FILE", page)
    assert guide.is_stale()
    guide.write()
    assert not guide.is_stale() and "| 90 days |" in page.read_text()
    written = samples.documents()
    monkeypatch.setattr(samples, "documents", lambda: written | {"magpie.match.agreed/new.json": "{}\n"})
    assert samples.stale() == ["magpie.match.agreed/new.json"]


def test_numbers_in_the_prose_of_the_guide_are_those_of_the_registry() -> None:
    text = guide.FILE.read_text()
    topics = [topic for topic in registry() if topic.is_for_subscribers]
    assert {topic.max_record_bytes for topic in topics} == {2**20} and "has 1 MiB" in text
    assert f"{MAX_EVENT_BYTES:,} bytes" in text and f"at\n  least {MIN_NOTICE_DAYS} days" in text
    assert {topic.delete_retention_days for topic in topics} == {
        None,
        30,
    } and "30 days (`delete_retention_days`" in text
