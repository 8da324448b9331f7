"""The check of every test's events by the writer's schemas can go red: a producer that says more than its schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from schemas.profiles import ProfileCreated
from services.chassis.model.topic_names import TopicNames
from tests.support.profiles import created
from tests.support.services import Running
from tests.support.written import judged_writes, written_otherwise

Value = dict[str, Any]
Forge = Callable[[pytest.MonkeyPatch], None]


def saying(change: Callable[[Value], Value]) -> Forge:
    """The producer's body is another one than its model's."""
    dump = ProfileCreated.model_dump_json

    def forge(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(
            ProfileCreated,
            "model_dump_json",
            lambda self, **named: json.dumps(change(json.loads(dump(self, **named)))),
        )

    return forge


def under_another_schema(patch: pytest.MonkeyPatch) -> None:
    schema = TopicNames.schema
    patch.setattr(TopicNames, "schema", lambda self, event: schema(self, event).replace("/v1/", "/v9/"))


def of_no_catalogue(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ProfileCreated, "event_type", "magpie.profile.imagined")


@pytest.mark.parametrize(
    "forge, said",
    [
        (saying(lambda value: value), ""),
        (saying(lambda value: value | {"added": 1}), "magpie.profile.created: $: Additional properties are not"),
        (saying(lambda value: value | {"state": "sleeping"}), "magpie.profile.created: $.state: 'sleeping' is not"),
        (
            saying(lambda value: {name: inner for name, inner in value.items() if name != "owner"}),
            "magpie.profile.created: $: 'owner' is a required property",
        ),
        (under_another_schema, "magpie.profile.created: ce_dataschema is "),
        (of_no_catalogue, "magpie.profile.imagined is not in the catalogue"),
    ],
)
async def test_what_its_writers_schema_refuses_is_found(
    forge: Forge, said: str, profiles: Running, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge(monkeypatch)
    with judged_writes() as wrong:
        await created(profiles)
    await profiles.drained()
    on_topics = await written_otherwise(profiles.service.settings.kafka_bootstrap, run_id)
    for found in (wrong, on_topics):
        assert bool(found) is bool(said) and said in "".join(found)
