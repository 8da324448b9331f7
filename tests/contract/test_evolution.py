"""A contract that grows: readers of each release read what is written today, and today's readers what was written then,
through our decoder and through the official SDKs for Python and JavaScript."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from pydantic import create_model

from schemas import compatibility, samples
from schemas.catalogue import EVENTS
from schemas.envelope import Event, Tombstone, schema_path
from schemas.publish import SCHEMAS
from schemas.translations import TextTranslated
from services.chassis.kafka_in.decoding import attributes, decode
from tests.contract import node
from tests.contract.test_contract import record

ROOT = Path(__file__).parents[2]
EXAMPLES = {name: samples.example(name) for name in EVENTS}
GREW, FIELD, FIRST = "magpie.text.translated", "replaces", "1.0"
NEW: dict[str, Any] = EXAMPLES[GREW]
OLD: dict[str, Any] = NEW | {"value": {name: value for name, value in NEW["value"].items() if name != FIELD}}
RELEASES = compatibility.versions()


class Event10(Event):
    event_type = GREW
    topic = TextTranslated.topic


FIELDS_10: Any = {
    name: (field.annotation, field) for name, field in TextTranslated.model_fields.items() if name != FIELD
}
READER_10: Any = create_model("READER_10", __base__=Event10, **FIELDS_10)
"""The model of release 1.0, as somebody has vendored it."""


def schema(side: Any, release: str | None = None, name: str = GREW) -> Any:
    folder = SCHEMAS if release is None else compatibility.RELEASED / release
    return json.loads((folder / schema_path(name, side)).read_text())


def by_python(example: dict[str, Any]) -> Any:
    received = record(example)
    return from_binary(
        KafkaMessage(dict(received.headers), received.key, received.value or b""), JSONFormat()
    ).get_data()


def by_javascript(example: dict[str, Any]) -> Any:
    (answer,) = node.ask("cloudevents.cjs", [example | {"value": json.dumps(example["value"])}])
    return answer["event"]["data"]


def test_the_event_has_grown_since_its_first_release() -> None:
    assert len(RELEASES) >= 2
    assert FIELD not in schema("reader", FIRST)["properties"] and FIELD in schema("reader", RELEASES[-1])["properties"]
    assert NEW["value"][FIELD] == "gloss"


def test_our_decoder_reads_both_with_both_models() -> None:
    read = {
        (model, when): decode(record(example), attributes(record(example)), model).data
        for model in (READER_10, TextTranslated)
        for when, example in (("old", OLD), ("new", NEW))
    }
    assert (
        getattr(read[TextTranslated, "new"], FIELD) == "gloss" and getattr(read[TextTranslated, "old"], FIELD) is None
    )
    assert read[READER_10, "old"] == read[READER_10, "new"], "what it does not know is passed over"
    assert not hasattr(read[READER_10, "new"], FIELD)


@pytest.mark.parametrize("sdk", [by_python, by_javascript])
def test_the_official_sdks_read_both_and_each_reader_takes_both(sdk: Any) -> None:
    new, old = sdk(NEW), sdk(OLD)
    assert (new, old) == (NEW["value"], OLD["value"])
    for body in (new, old):
        jsonschema.validate(body, schema("reader", FIRST))
        jsonschema.validate(body, schema("reader"))


def test_with_the_writers_schema_an_old_reader_would_have_been_broken() -> None:
    jsonschema.validate(OLD["value"], schema("writer", FIRST))
    with pytest.raises(jsonschema.ValidationError, match=FIELD):
        jsonschema.validate(NEW["value"], schema("writer", FIRST))


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", [name for name, event in EVENTS.items() if not issubclass(event, Tombstone)])
def test_readers_of_every_release_take_what_is_written_today(name: str, release: str) -> None:
    if (compatibility.RELEASED / release / schema_path(name, "reader")).exists():
        jsonschema.validate(EXAMPLES[name]["value"], schema("reader", release, name))
