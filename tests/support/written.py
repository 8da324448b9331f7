"""Every event that a service publishes in a test is what the writer's schema of its version says.

Services in the test's own process are judged where an event becomes a row of the outbox, which is the record as it will
be sent; those in processes of their own by what stands on their topics."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import jsonschema
import pytest

from schemas.catalogue import EVENTS
from schemas.envelope import schema_path
from schemas.publish import published
from schemas.registry import registry
from services.chassis.commit import outbox
from services.chassis.model import Doc
from tests.support.kafka import SENT_BY_TESTS, read_all

TOPICS = [topic for topic in registry() if topic.events]
SOURCES = {f"/magpie/{topic.producer}" for topic in TOPICS}
"""The `ce_source` of the services: what tests make up has another one."""
OF_TESTS = "magpie.note."
"""The events of the service that tests of the chassis are made with; under the name of a real one, where operators look
at it."""
ROW = outbox.row


def what_is_wrong(headers: Mapping[str, str], value: bytes | None) -> str | None:
    """The first sentence about a record that a service writes; None where it is right, or no service's. Keys and bodies
    are not shown."""
    if headers.get("ce_source") not in SOURCES:
        return None
    event, address = headers.get("ce_type", ""), headers.get("ce_dataschema")
    if event.startswith(OF_TESTS):
        return None
    if event not in EVENTS:
        return f"{event} is not in the catalogue"
    if value is None:
        return f"{event}: an erasure names a schema" if address else None
    if not (address or "").endswith(f"/{schema_path(event, 'reader')}"):
        return f"{event}: ce_dataschema is {address}"
    errors = writers_schema(event).iter_errors(json.loads(value))
    return next((f"{event}: {error.json_path}: {error.message}" for error in errors), None)


@cache
def writers_schema(event: str) -> jsonschema.Draft202012Validator:
    """As its service serves it; of an event without a body, one that refuses everything."""
    return jsonschema.Draft202012Validator(json.loads(published([event]).get(schema_path(event, "writer"), "false")))


@contextmanager
def judged_writes() -> Iterator[list[str]]:
    """What was wrong of all that services of this process have written inside. The inner one of two judges alone."""
    wrong = list[str]()

    def judged(topic: str, key: bytes | None, value: bytes | None, headers: Any, *, at: int, id: str) -> Doc:
        if (found := what_is_wrong(dict(headers), value)) is not None:
            wrong.append(found)
        return ROW(topic, key, value, headers, at=at, id=id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "row", judged)
        yield wrong


async def written_otherwise(bootstrap: str, prefix: str) -> list[str]:
    """The same of what stands on the topics of an installation, but for what the test has sent itself."""
    names = [topic.full_name(prefix) for topic in TOPICS]
    logs = await asyncio.gather(*(read_all(bootstrap, name) for name in names))
    wrong = []
    for record in (record for log in logs for record in log):
        headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
        if (record.topic, record.partition, record.offset) not in SENT_BY_TESTS:
            wrong.append(what_is_wrong(headers, record.value))
    return [found for found in wrong if found]
