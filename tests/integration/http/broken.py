"""`python -m tests.integration.http.broken`: a service in which everything goes wrong that can: a route, a consumer, a
job, a loop, a task that no one awaits, a thread, a destructor, loggers of libraries, a warning of Python."""

from __future__ import annotations

import asyncio
import logging
import threading
import warnings

from fastapi import APIRouter
from pydantic import TypeAdapter

from schemas.profiles import ProfilePublished
from services.chassis.commit import Claimed, Job, JobKind, Payload, RunOptions, UnitOfWork
from services.chassis.http import StrictRoute
from services.chassis.kafka_in import Subscription, on
from services.chassis.main import main
from services.chassis.model import Collection, Document, Incoming
from services.chassis.mongo import open_database
from services.chassis.ops import ChassisSettings
from services.chassis.service import Background, Definition, HttpApi, Service

SECRET = "한빛의 비밀 kim@example.com"
FAIL = JobKind("fail", Payload)
LIBRARIES = ("uvicorn.error", "aiokafka", "faststream", "asyncio", "pymongo", "opentelemetry", "some.other")
router = APIRouter(route_class=StrictRoute)


class Note(Document):
    """Says that a job was planned."""


NOTES = Collection("notes", Note)


def fault() -> None:
    """With a payload in its text, and in that of its cause."""
    try:
        TypeAdapter(int).validate_python(SECRET)
    except ValueError as error:
        raise RuntimeError(f"{SECRET}\nof two lines") from error


@router.get("/v1/broken")
async def broken() -> None:
    """What no one expects."""
    fault()


async def plan(uow: UnitOfWork, event: Incoming[ProfilePublished]) -> None:
    """The first event plans a job that fails; the second one fails itself."""
    if await uow.get(NOTES, "one") is not None:
        fault()
    await uow.create(NOTES, Note(id="one"))
    uow.enqueue(FAIL, Payload(), cause=event.id)


async def fail(job: Claimed[Payload]) -> None:
    """The work of the job."""
    fault()


class Falling:
    """Fails when it is forgotten."""

    def __del__(self) -> None:
        fault()


async def fall_apart() -> None:
    """All that is not a request, a record or a job; then it fails itself."""

    async def lost() -> None:
        fault()

    tasks = [asyncio.ensure_future(lost())]
    await asyncio.wait(tasks)
    tasks.clear()
    asyncio.get_running_loop().call_soon(lambda secret: fault(), SECRET)
    thread = threading.Thread(target=fault)
    thread.start()
    thread.join()
    Falling()
    warnings.warn(f"{SECRET} is no number\nof two lines", stacklevel=1)
    for name in LIBRARIES:
        try:
            fault()
        except RuntimeError:
            logging.getLogger(name).exception("It failed with %s\n", SECRET)
    fault()


def build() -> Service:
    """The service."""
    settings = ChassisSettings()
    return Service(
        Definition(
            "broken",
            [NOTES],
            [Subscription("profiles", on(ProfilePublished, handle=plan))],
            [Job.working(FAIL, fail, RunOptions(max_tries=1))],
        ),
        settings,
        open_database("broken", settings),
        HttpApi(router, port=8106),
        background=(Background("falls", serve=fall_apart),),
    )


if __name__ == "__main__":
    main(build)
