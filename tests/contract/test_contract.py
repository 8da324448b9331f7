"""The contract: topics, events, schemas and examples say the same."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from aiokafka import ConsumerRecord
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from schemas import generate, publish, samples
from schemas.catalogue import EVENTS
from schemas.envelope import Event, Tombstone, schema_path
from schemas.registry import registry
from services.chassis.commit.outbox import Position, Said, event_row
from services.chassis.kafka_in.decoding import attributes, decode, event_type
from services.chassis.kafka_out.relay import wire_headers
from services.chassis.model.events import Cause
from services.chassis.model.topic_names import TopicNames

ROOT = Path(__file__).parents[2]
EXAMPLES = {name: samples.example(name) for name in EVENTS}
CONSUMED = {"matching", "translation", "notifications"}


def record(example: dict[str, Any]) -> ConsumerRecord[Any, Any]:
    value = None if example["value"] is None else json.dumps(example["value"], ensure_ascii=False).encode()
    headers = [(name, text.encode()) for name, text in example["headers"].items()]
    key = example["key"].encode()
    return ConsumerRecord(example["topic"], 0, 0, 0, 0, key, value, None, len(key), len(value or b""), headers)


def test_every_event_has_one_example_and_a_topic_that_names_it() -> None:
    topics = {topic.name: topic for topic in registry()}
    assert {path.name for path in samples.FOLDER.iterdir()} == set(EVENTS)
    for name, event in EVENTS.items():
        assert name in topics[event.topic].events
    listed = [name for topic in topics.values() for name in topic.events]
    assert sorted(listed) == sorted(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
def test_an_example_goes_through_the_real_decoder_and_comes_out_as_it_was(name: str) -> None:
    received = record(EXAMPLES[name])
    found = attributes(received)
    assert event_type(received, found) == name
    event = decode(received, found, EVENTS[name])
    assert event.key == EXAMPLES[name]["key"]
    said = None if event.data is None else json.loads(event.data.model_dump_json(exclude_none=True))
    assert said == EXAMPLES[name]["value"]


@pytest.mark.parametrize("name", [n for n, e in EVENTS.items() if issubclass(e, Event)])
def test_an_example_is_valid_for_its_writer_and_its_readers(name: str) -> None:
    for side in publish.SIDES:
        jsonschema.validate(
            EXAMPLES[name]["value"], json.loads((generate.TARGET / schema_path(name, side)).read_text())
        )


@pytest.mark.parametrize("name", [n for n, e in EVENTS.items() if issubclass(e, Event)])
def test_a_reader_passes_over_what_a_later_version_adds(name: str) -> None:
    model: Any = EVENTS[name]
    later = EXAMPLES[name]["value"] | {"added_later": {"x": 1}}
    assert model.model_validate(later) == model.model_validate(EXAMPLES[name]["value"])


@pytest.mark.parametrize("name", EVENTS)
def test_an_independent_reader_of_cloudevents_reads_us(name: str) -> None:
    received = record(EXAMPLES[name])
    message = KafkaMessage(dict(received.headers), received.key, received.value or b"")
    read = from_binary(message, JSONFormat())
    assert (read.get_type(), read.get_id()) == (name, EXAMPLES[name]["headers"]["ce_id"])
    assert (read.get_data() or None) == EXAMPLES[name]["value"]


def test_examples_hold_real_korean_and_chinese() -> None:
    text = "".join(json.dumps(example, ensure_ascii=False) for example in EXAMPLES.values())
    assert any("가" <= c <= "힣" for c in text) and any("一" <= c <= "鿿" for c in text)


def test_what_we_write_is_utf8_unescaped_and_a_tombstone_is_null() -> None:
    example = EXAMPLES["magpie.profile.published"]["value"]
    model: Any = EVENTS["magpie.profile.published"]
    position = Position(topic="t", key="k", sequence=3, at=1)

    def row_of(event: Any) -> dict[str, Any]:
        return event_row(Said(event, id="i", cause=Cause("c"), source="/s"), position, TopicNames("t"))

    row = row_of(model.model_validate(example))
    assert "웨이퍼".encode() in row["value"] and b"\\u" not in row["value"]
    gone: Any = EVENTS["magpie.profile.erased"]
    erased = row_of(gone())
    headers = dict(wire_headers(erased["headers"]))
    assert erased["value"] is None and headers["ce_type"] == b"magpie.profile.erased" and "content-type" not in headers


def test_stale_schemas_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can go red: a missing file, a changed one, one of an event that is no more."""
    assert generate.stale() == []
    for name, text in generate.documents().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(generate, "TARGET", tmp_path)
    (tmp_path / "v1/reader/magpie.match.agreed.json").unlink()
    (tmp_path / "v1/writer/magpie.match.expired.json").write_text("{}\n")
    (tmp_path / "v1/writer/magpie.match.imagined.json").write_text("{}\n")
    assert generate.stale() == [
        "v1/reader/magpie.match.agreed.json",
        "v1/writer/magpie.match.expired.json",
        "v1/writer/magpie.match.imagined.json",
    ]


def test_public_texts_of_time_kept_topics_are_ids_only() -> None:
    """An erasure cannot reach a time-kept topic, so nothing that a profile wrote stands there."""
    kept_by_time = {topic.name for topic in registry() if topic.cleanup == "delete"}
    for name, event in EVENTS.items():
        if event.topic in kept_by_time and not issubclass(event, Tombstone):
            schema = generate.documents()[schema_path(name, "reader")]
            assert '"text"' not in schema and '"names"' not in schema


def test_every_consumer_has_its_dead_letters() -> None:
    names = {topic.name for topic in registry()}
    readers = {reader for topic in registry() for reader in topic.consumers}
    assert readers == CONSUMED and {f"dlq.{reader}" for reader in readers} <= names
    assert {f"retry.{reader}" for reader in readers} <= names
    assert all(topic.partitions == 12 for topic in registry() if topic.events)


@pytest.mark.parametrize("service", ["matching", "notifications", "translation"])
def test_a_reader_takes_every_event_of_the_topics_that_it_projects(service: str) -> None:
    """An event that is passed over leaves its row behind: what is projected is the last event, whichever it is."""
    for subscription in importlib.import_module(f"services.{service}.consumers").SUBSCRIPTIONS:
        there = {event for event in EVENTS.values() if event.topic == subscription.topic}
        routed = [route.event for route in subscription.routes]
        assert there and set(routed) == there and len(routed) == len(there)
