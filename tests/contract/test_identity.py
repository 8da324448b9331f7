"""One identity a schema: `ce_dataschema` is an absolute URI, the `$id` of what is committed, served and published."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import ValidationError

from schemas import publish, samples
from schemas.catalogue import EVENTS
from schemas.envelope import SCHEMA_BASE, Event, schema_path, schema_uri
from services.chassis.http.schemas import schema_routes
from services.chassis.model.topic_names import TopicNames
from services.chassis.ops.settings import ChassisSettings
from tests.contract import node

ROOT = Path(__file__).parents[2]
EXAMPLES = {name: samples.example(name) for name in EVENTS}
BODIES = [name for name, event in EVENTS.items() if issubclass(event, Event)]
ELSEWHERE = "https://events.example.org/magpie/schemas"


def committed(path: str) -> Any:
    return json.loads((publish.SCHEMAS / path).read_text())


def wire(example: dict[str, Any]) -> dict[str, Any]:
    """An example as Kafka carries it."""
    return example | {"value": None if example["value"] is None else json.dumps(example["value"])}


@pytest.mark.parametrize("name", BODIES)
def test_what_a_record_names_is_the_id_of_the_committed_readers_schema(name: str) -> None:
    named = EXAMPLES[name]["headers"]["ce_dataschema"]
    assert named == TopicNames("magpie").schema(name) == committed(schema_path(name, "reader"))["$id"]
    assert urlsplit(named).scheme == "https" and urlsplit(named).netloc
    assert committed(schema_path(name, "writer"))["$id"] == schema_uri(name, side="writer") != named


@pytest.mark.parametrize("name", BODIES)
def test_the_readers_schema_takes_what_a_later_release_adds_and_the_writers_does_not(name: str) -> None:
    later = EXAMPLES[name]["value"] | {"added_later": {"x": 1}}
    jsonschema.validate(later, committed(schema_path(name, "reader")))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(later, committed(schema_path(name, "writer")))
    assert '"additionalProperties": false' not in json.dumps(committed(schema_path(name, "reader")))


def test_the_official_javascript_sdk_takes_every_record_and_refused_those_of_before() -> None:
    answers = node.ask("cloudevents.cjs", [wire(example) for example in EXAMPLES.values()])
    for name, answer in zip(EXAMPLES, answers, strict=True):
        assert answer["valid"], f"{name}: {answer['message']}"
        assert (answer["event"]["type"], answer["event"]["subject"]) == (name, EXAMPLES[name]["key"])
        assert answer["event"].get("data") == EXAMPLES[name]["value"]
    before = EXAMPLES[BODIES[0]]["headers"] | {"ce_dataschema": "/magpie/schemas/v1/magpie.profile.created.json"}
    (refused,) = node.ask("cloudevents.cjs", [wire(EXAMPLES[BODIES[0]] | {"headers": before})])
    assert not refused["valid"] and "dataschema" in refused["message"]


def test_a_strict_validator_of_another_language_takes_every_schema() -> None:
    """Ajv refuses a schema with a keyword that is not the standard's, unless it is told otherwise."""
    asked = [
        {"schema": committed(schema_path(name, side)), "value": EXAMPLES[name]["value"]}
        for name in BODIES
        for side in publish.SIDES
    ]
    assert set(node.ask("schemas.cjs", asked)) == {None}
    odd = {"schema": asked[0]["schema"] | {"x-known-values": []}, "value": asked[0]["value"]}
    other = {"schema": committed(schema_path(BODIES[0], "writer")), "value": asked[0]["value"] | {"state": "new"}}
    unknown = {"schema": committed(schema_path(BODIES[0], "reader")), "value": other["value"]}
    refused, wrong, taken = node.ask("schemas.cjs", [odd, other, unknown])
    assert "unknown keyword" in refused and "enum" in wrong
    assert taken is None, "a reader takes a value that is not known yet"


def client(base: str = SCHEMA_BASE, *names: str) -> TestClient:
    app = FastAPI()
    app.include_router(schema_routes(publish.published(names or BODIES, base=base)))
    return TestClient(app)


def test_a_schema_is_served_under_its_identity_for_everybody_and_may_be_kept() -> None:
    """Also below another base: a record's `ce_dataschema` is then the address, and the `$id` of what is there."""
    uri = TopicNames("magpie", ELSEWHERE).schema("magpie.match.agreed")
    answer = client(ELSEWHERE).get("/schemas" + uri.removeprefix(ELSEWHERE))
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("application/schema+json")
    assert answer.json() == committed(schema_path("magpie.match.agreed", "reader")) | {"$id": uri}
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    again = client(ELSEWHERE).get(str(answer.url), headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client(SCHEMA_BASE).get(str(answer.url), headers={"If-None-Match": answer.headers["ETag"]})
    assert other.status_code == 200, "another text has another ETag"


def test_a_service_lists_what_it_serves_and_says_so_where_there_is_nothing() -> None:
    asked = client(ELSEWHERE, "magpie.text.erased", "magpie.text.translated")
    erased, translated = asked.get("/schemas/").json()["schemas"]
    assert erased == {"event": "magpie.text.erased", "topic": "translations", "body": None}
    assert translated["reader"] == f"{ELSEWHERE}/v1/reader/magpie.text.translated.json"
    missing = asked.get("/schemas/v1/reader/magpie.match.agreed.json")
    assert missing.status_code == 404 and "/schemas/ lists" in missing.json()["detail"]
    for odd in ("/schemas/../../envelope.py", "/schemas/%2e%2e/%2e%2e/envelope.py", "/schemas//etc/passwd"):
        assert asked.get(odd).status_code == 404


def test_the_whole_registry_is_a_folder_for_any_web_server(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "schemas.generate", "--site", str(tmp_path), "--base", ELSEWHERE]
    subprocess.run(command, cwd=ROOT, check=True)
    listed = json.loads((tmp_path / "index.json").read_text())["schemas"]
    assert [entry["event"] for entry in listed] == sorted(EVENTS)
    for entry in listed:
        for side in {"reader", "writer"} & entry.keys():
            there = tmp_path / entry[side].removeprefix(f"{ELSEWHERE}/")
            assert json.loads(there.read_text())["$id"] == entry[side]
    for name in (
        "topics/matches.yaml",
        "asyncapi.yaml",
        "index.html",
        "released/1.0/v1/reader/magpie.match.agreed.json",
    ):
        assert (tmp_path / name).exists(), name


@pytest.mark.parametrize(
    "base", ["/magpie/schemas", "schemas", "https://x/", 'https://x/"a', "https://x/?a", "ftp://x/a"]
)
def test_a_base_is_an_absolute_address(base: str) -> None:
    with pytest.raises(ValidationError, match="schema_base"):
        ChassisSettings(schema_base=base)
