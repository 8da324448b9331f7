"""asyncapi.yaml says of each event what a reader needs: topic, key, headers, and the null of an erasure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from schemas import asyncapi, generate
from schemas.catalogue import EVENTS
from schemas.envelope import Tombstone
from services.chassis.topics import registry

ROOT = Path(asyncapi.__file__).parent
EXAMPLES = {path.stem: json.loads(path.read_text()) for path in (ROOT / "examples").glob("*.json")}
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
