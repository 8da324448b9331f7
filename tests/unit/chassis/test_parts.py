"""The pure parts of the chassis: health, errors, ids."""

from __future__ import annotations

import asyncio
import re
import time
import uuid

import pytest
from pydantic import BaseModel, ValidationError
from pymongo.errors import AutoReconnect, BulkWriteError, DuplicateKeyError, OperationFailure, PyMongoError

from services.chassis.model.documents import MAX_FIRST, MAX_STEP, Index, Projection, is_newer
from services.chassis.model.events import MAX_SEQUENCE
from services.chassis.model.failures import (
    ConcurrentWrite,
    Rejected,
    TransactionTooLong,
    Unavailable,
    safe_text,
    safe_traceback,
)
from services.chassis.model.ids import NAMESPACE, derived_id, fresh_id
from services.chassis.model.refusals import Refused, Unreadable
from services.chassis.mongo.errors import classify
from services.chassis.ops import metrics
from services.chassis.ops.health import Health
from services.chassis.ops.loops import Backoff


def failure(code: int, *labels: str) -> OperationFailure:
    error = OperationFailure("secret payload", code)
    for label in labels:
        error._add_error_label(label)
    return error


def write_error(code: int, **more: object) -> BulkWriteError:
    return BulkWriteError({"writeErrors": [{"code": code, **more}]})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (failure(112, "TransientTransactionError"), ConcurrentWrite),
        (failure(251, "TransientTransactionError"), TransactionTooLong),
        (failure(257), TransactionTooLong),
        (failure(246, "TransientTransactionError"), Unavailable),
        (failure(10107), Unavailable),
        (failure(13), Unavailable),
        (failure(121), Unavailable),
        (failure(10334), Rejected),
        (AutoReconnect("gone"), Unavailable),
        (ConnectionResetError(), Unavailable),
        (write_error(11000, keyPattern={"_id": 1}), ConcurrentWrite),
        (write_error(11000, keyPattern={"slot": 1}), Rejected),
        (write_error(112), ConcurrentWrite),
        (write_error(121), Rejected),
        (write_error(14031), Unavailable),
        (DuplicateKeyError("x", 11000, {"keyPattern": {"_id": 1}}), ConcurrentWrite),
    ],
)
def test_a_drivers_error_means_a_race_bad_data_or_an_outage(error: Exception, kind: type[Exception]) -> None:
    assert type(classify(error)) is kind


def test_what_is_no_drivers_error_stays_what_it_is() -> None:
    error = KeyError("x")
    assert classify(error) is error and isinstance(classify(PyMongoError("odd")), Unavailable)


def test_a_reason_never_repeats_what_was_sent() -> None:
    class Number(BaseModel):
        n: int

    with pytest.raises(ValidationError) as refusal:
        Number.model_validate({"n": "secret payload"})
    for error in (refusal.value, failure(121), ValueError("secret payload"), write_error(121, errmsg="secret payload")):
        assert "secret" not in safe_text(error)
    assert safe_text(refusal.value) == "n: int_parsing" and "told" in safe_text(Refused("x", "told to all"))


def test_tracebacks_have_places_and_classes_of_the_whole_chain_and_no_values() -> None:
    def inner() -> None:
        raise ValueError("secret payload")

    try:
        try:
            inner()
        except ValueError as error:
            raise ExceptionGroup("secret payload", [error, KeyError("secret payload")]) from error
    except ExceptionGroup as group:
        text = safe_traceback(group)
        group.__cause__ = group  # a chain that never ends
        assert len(safe_traceback(group)) < 2 * len(text)
    assert "secret" not in text and text.count("in inner") == 2
    assert "ValueError at inner" in text and "KeyError" in text and "ExceptionGroup" in text


def test_waiting_is_alive_and_hanging_is_not() -> None:
    health = Health()
    heart = health.heartbeat("loop", limit_seconds=1.0)
    heart.last = time.monotonic() - 5
    assert health.hanging() == ["loop"]
    with heart.waiting():
        heart.last = time.monotonic() - 500
        assert health.hanging() == []
    heart.beat()
    assert health.hanging() == []
    health.checks["index"] = lambda: False
    assert health.unready() == ["index"]


def test_what_is_degraded_is_said_once_a_change_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    health = Health(dependencies={"kafka": lambda: False})
    said = health.conditions
    said.mended("mirror")
    for _ in range(3):
        said.degraded("mirror", "it has ended")
    assert health.verdict()["status"] == "degraded" and health.unready() == []
    since = said.all()[0].since
    said.degraded("mirror", "it is loaded again", command="wait", unready=True)
    verdict = health.verdict()
    assert (verdict["status"], verdict["waits_for"]) == ("unready", ["mirror"])
    assert [(f["part"], f["detail"], f["command"]) for f in verdict["degraded"]] == [
        ("kafka", "it does not answer", None),
        ("mirror", "it is loaded again", "wait"),
    ]
    assert said.all()[0].since == since, "since it began"
    assert health.verdict(details=False)["degraded"] == [{"part": "kafka"}, {"part": "mirror"}]
    gauge = metrics.degraded.labels("mirror")
    assert next(iter(gauge.collect())).samples[0].value == 1
    said.mended("mirror")
    said.mended("mirror")
    assert next(iter(gauge.collect())).samples[0].value == 0 and said.all() == []
    assert re.findall(r"(degraded|mended) +(?:command|module)=", capsys.readouterr().out) == [
        "degraded",
        "degraded",
        "mended",
    ]


async def test_a_loop_that_hangs_is_given_up_at_the_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that stood still, all loops with it, is not ended for that."""
    looks = iter([["jobs"], ["relay"], [], ["relay"], ["relay", "jobs"]])
    monkeypatch.setattr(Health, "hanging", lambda self: next(looks))
    monkeypatch.setattr("services.chassis.ops.health.WATCH_SECONDS", 0.0)
    given_up = list[bool]()
    await Health().watch(lambda: given_up.append(True))
    assert given_up == [True] and list(looks) == []


def test_ids_are_derived_or_new_and_say_which() -> None:
    assert derived_id("a", 1) == derived_id("a", "1") != derived_id("a1")
    for n in range(200):  # said by ourselves, as the library says it
        assert derived_id("가", n) == str(uuid.uuid5(NAMESPACE, f"가\x1f{n}"))
    ids = [fresh_id() for _ in range(50)]
    assert len(set(ids)) == 50 and {uuid.UUID(id).version for id in ids} == {7}
    assert {uuid.UUID(id).variant for id in ids} == {uuid.RFC_4122}


def test_only_a_higher_sequence_is_news() -> None:
    row = Projection(id="x", sequence=9)
    assert [is_newer(n, row) for n in (8, 9, 10)] == [False, False, True] and is_newer(1, None)


@pytest.mark.parametrize("row", [None, Projection(id="x")])
def test_a_first_sequence_leaves_its_owner_room_to_say_the_truth(row: Projection | None) -> None:
    assert is_newer(MAX_FIRST, row) and is_newer(MAX_FIRST + 1, Projection(id="x", sequence=MAX_FIRST))
    assert MAX_FIRST + 1 + MAX_STEP < MAX_SEQUENCE
    for forged in (MAX_FIRST + 1, MAX_SEQUENCE):
        with pytest.raises(Unreadable, match="set aside"):
            is_newer(forged, row)


def test_an_index_is_declared_by_its_keys() -> None:
    assert Index(("a", "-b"), unique=True).specification() == ([("a", 1), ("b", -1)], {"unique": True})


async def test_a_failing_clean_up_does_not_keep_a_cancelled_loop_alive() -> None:
    """The error of a driver's close takes the place of the cancellation; the loop must end all the same."""
    turns = 0

    async def loop() -> None:
        nonlocal turns
        pace = Backoff(0.001, 0.001)
        while True:
            turns += 1
            try:
                try:
                    await asyncio.Event().wait()
                finally:
                    raise ConnectionResetError
            except ConnectionResetError:
                await pace.wait()

    task = asyncio.ensure_future(loop())
    await asyncio.wait({task}, timeout=0.05)
    task.cancel()
    await asyncio.wait({task}, timeout=2)
    assert task.cancelled() and turns == 1
