"""asyncapi.yaml says of each event what a reader needs: topic, key, headers, and the null of an erasure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from schemas import asyncapi, generate, publish, samples
from schemas.catalogue import EVENTS
from schemas.envelope import Tombstone
from schemas.registry import DAY_MS, registry
from tests.contract import node

ROOT = Path(asyncapi.__file__).parent
EXAMPLES = {name: samples.example(name) for name in EVENTS}
DOCUMENT: dict[str, Any] = yaml.safe_load(asyncapi.FILE.read_text())


def test_it_is_up_to_date_and_a_stale_one_is_red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asyncapi.FILE.read_text() == asyncapi.text(), "run `make schemas`"
    stale = tmp_path / "asyncapi.yaml"
    stale.write_text(asyncapi.text().replace("^[0-9]{20}$", "^[0-9]+$"))
    monkeypatch.setattr(asyncapi, "FILE", stale)
    monkeypatch.setattr("sys.argv", ["generate", "--check"])
    with pytest.raises(SystemExit) as ended:
        generate.main()
    assert ended.value.code == 1


def test_every_topic_with_events_is_a_channel() -> None:
    topics = {topic.name: topic for topic in registry() if topic.events}
    assert DOCUMENT["channels"].keys() == DOCUMENT["operations"].keys() == topics.keys()
    for name, topic in topics.items():
        channel = DOCUMENT["channels"][name]
        assert channel["address"] == topic.full_name("magpie") and list(channel["messages"]) == topic.events
        assert channel["bindings"]["kafka"]["partitions"] == topic.partitions


def test_the_official_parser_takes_it_and_refuses_what_is_none(tmp_path: Path) -> None:
    broken = tmp_path / "asyncapi.yaml"
    broken.write_text(asyncapi.text().replace("#/components/messages/magpie.match.agreed", "#/components/messages/no"))
    publish.site(tmp_path / "site")
    taken, refused, published = node.ask(
        "asyncapi.cjs", [str(asyncapi.FILE), str(broken), str(tmp_path / "site" / "asyncapi.yaml")]
    )
    for answer in (taken, published):
        assert answer["valid"] and answer["channels"] == len(DOCUMENT["channels"])
        assert [found for found in answer["found"] if found[0] < 2] == [], "no error and no warning"
    assert not refused["valid"]


def test_a_channel_says_how_long_records_live_and_who_may_read_them() -> None:
    for topic in registry():
        if not topic.events:
            continue
        channel = DOCUMENT["channels"][topic.title]
        said = channel["bindings"]["kafka"]["topicConfiguration"]
        assert said["cleanup.policy"] == [topic.cleanup] and said["max.message.bytes"] == topic.max_record_bytes
        days = topic.delete_retention_days or topic.retention_days or 0
        assert (said.get("delete.retention.ms") or said.get("retention.ms")) == days * DAY_MS
        assert (channel["x-access"], channel["x-rely-on"]) == (topic.access, topic.rely_on)
    assert DOCUMENT["servers"]["kafka"]["security"] == [{"$ref": "#/components/securitySchemes/login"}]


@pytest.mark.parametrize("name", EVENTS)
def test_an_example_is_as_the_document_says(name: str) -> None:
    message, example = DOCUMENT["components"]["messages"][name], EXAMPLES[name]
    topic = next(topic for topic in registry() if name in topic.events)
    assert message["bindings"]["kafka"]["key"] == {"type": "string", "description": topic.key}
    headers = message["headers"] | {"components": DOCUMENT["components"]}
    jsonschema.validate(example["headers"], headers)
    for wrong in ({"ce_type": "magpie.other"}, {"ce_sequence": "7"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(example["headers"] | wrong, headers)
    if issubclass(EVENTS[name], Tombstone):
        assert message["payload"] == {"type": "null"} and example["value"] is None
    else:
        schema = json.loads((ROOT / message["payload"]["$ref"]).read_text())
        jsonschema.validate(example["value"], schema)
