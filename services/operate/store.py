"""What a service's database says of its outbox, jobs and handled dead letters, and what an operator changes there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Self

from pymongo.errors import DuplicateKeyError

from services.chassis.model import Doc, fresh_id
from services.chassis.mongo import GAPS, OPERATOR_ACTS, open_database
from services.chassis.ops import ChassisSettings

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MAX_COUNTED = 10_000
MAX_REVIVED = 1000
"""Dead jobs that one command makes due again."""
SHOWN = {"kind": 1, "tries": 1, "run_at": 1, "dead": 1, "died_at": 1, "reason": 1}
"""Of a job. Its payload is left out: it names people."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in a database. Ages are in seconds; counts end at MAX_COUNTED."""

    outbox: int
    outbox_oldest: float
    due: int
    due_oldest: float
    dead: dict[str, int]
    """Dead jobs by kind."""


@dataclass(frozen=True, slots=True)
class Dead:
    """Which dead jobs: those of these ids, of this kind, or all."""

    ids: Sequence[str] | None = None
    kind: str | None = None

    def query(self) -> Doc:
        """As MongoDB takes it."""
        found: Doc = {"dead": True}
        if self.ids is not None:
            found["_id"] = {"$in": list(self.ids)}
        if self.kind is not None:
            found["kind"] = self.kind
        return found


class Store:
    """The database of one service. All of its methods raise the driver's errors."""

    def __init__(self, service: str, settings: ChassisSettings) -> None:
        self._database = open_database(service, settings)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._database.close()

    async def waiting(self) -> Waiting:
        """What waits now."""
        await self._database.clock.refresh(self._database.client)
        now_us = self._database.clock.now_us()
        oldest = await self._database.db.outbox.find_one({}, {"_id": 1}, sort=[("_id", 1)])
        rows = await self._database.db.outbox.count_documents({}, limit=MAX_COUNTED) if oldest else 0
        age = max(0.0, (now_us - int(oldest["_id"][:16], 16)) / 1e6) if oldest else 0.0
        due, since = await self._due()
        return Waiting(rows, age, due, since, await self.dead())

    async def _due(self) -> tuple[int, float]:
        now = self._database.now()
        steps: list[Doc] = [
            {"$match": _due(now)},
            {"$sort": {"run_at": 1}},
            {"$limit": MAX_COUNTED},
            {"$group": {"_id": None, "jobs": {"$sum": 1}, "since": {"$min": "$run_at"}}},
        ]
        found = await self._database.db.jobs.aggregate(steps).to_list(None)
        return (found[0]["jobs"], (now - found[0]["since"]).total_seconds()) if found else (0, 0.0)

    async def dead(self, which: Dead = Dead()) -> dict[str, int]:
        """How many dead jobs there are, by kind."""
        steps: list[Doc] = [{"$match": which.query()}, {"$group": {"_id": "$kind", "jobs": {"$sum": 1}}}]
        found = await self._database.db.jobs.aggregate(steps).to_list(None)
        return {doc["_id"]: doc["jobs"] for doc in sorted(found, key=lambda doc: str(doc["_id"]))}

    async def jobs(self, *, state: str, kind: str | None, limit: int) -> list[Doc]:
        """Jobs that are `dead`, `due` or of any state, by id, without their payloads."""
        await self._database.clock.refresh(self._database.client)
        queries: dict[str, Doc] = {"dead": {"dead": True}, "due": _due(self._database.now()), "all": {}}
        query = queries[state] | ({"kind": kind} if kind else {})
        return await self._database.db.jobs.find(query, SHOWN).sort("_id", 1).limit(limit).to_list(None)

    async def revive(self, which: Dead, *, by: str) -> int:
        """Dead jobs become due with fresh tries, at most MAX_REVIVED; their reason stays until they end. Returns how
        many. One that is not dead any more is left alone. The act is written in the same transaction."""
        await self._prepare()

        async def change(session: Any) -> int:
            jobs = self._database.db.jobs
            found = await jobs.find(which.query(), {"_id": 1}, session=session).limit(MAX_REVIVED).to_list(None)
            if not found:
                return 0
            ids = [doc["_id"] for doc in found]
            fresh: Doc = {"run_at": "$$NOW", "turn": "$$NOW", "tries": 0}
            steps: list[Doc] = [{"$set": fresh}, {"$unset": ["dead", "died_at", "outside_since"]}]
            revived = await jobs.update_many({"_id": {"$in": ids}, "dead": True}, steps, session=session)
            await self._write(fresh_id(), session, act="jobs retry", by=by, jobs=ids)
            return revived.modified_count

        return int(await self._transact(change))

    async def gaps(self, *, acknowledged: bool, limit: int) -> list[Doc]:
        """Records that were removed before they were read, by id; `acknowledged`: those that someone knows of, too."""
        query: Doc = {} if acknowledged else {"acknowledged": None}
        return await self._database.db[GAPS].find(query).sort("_id", 1).limit(limit).to_list(None)

    async def acknowledge(self, ids: Sequence[str] | None, *, by: str) -> int:
        """Open gaps, all or those of these ids, are known to an operator. Returns how many. The act is written in the
        same transaction."""
        await self._prepare()

        async def change(session: Any) -> int:
            query: Doc = {"acknowledged": None} | ({"_id": {"$in": list(ids)}} if ids is not None else {})
            said = {"by": by, "at": self._database.now()}
            done = await self._database.db[GAPS].update_many(query, {"$set": {"acknowledged": said}}, session=session)
            if done.modified_count:
                await self._write(fresh_id(), session, act="gaps acknowledge", by=by, gaps=done.modified_count)
            return done.modified_count

        return int(await self._transact(change))

    async def handled(self, digests: Sequence[str]) -> dict[str, Doc]:
        """What was done with those of these dead letters that were handled: act, who, when."""
        ids = {letter_id(digest): digest for digest in digests}
        found = await self._database.db[OPERATOR_ACTS].find({"_id": {"$in": list(ids)}}).to_list(None)
        return {ids[doc["_id"]]: doc for doc in found}

    async def handle(self, digest: str, *, act: str, by: str, place: str, row: Callable[[int], Doc] | None) -> bool:
        """Marks a dead letter as handled. `row`, called with a moment in microseconds, makes the row that goes to the
        outbox in the same transaction. Returns False where someone has handled it before."""
        await self._prepare()

        async def change(session: Any) -> bool:
            await self._write(letter_id(digest), session, act=act, by=by, letter=place)
            if row is not None:
                await self._database.db.outbox.insert_one(row(self._database.clock.now_us()), session=session)
            return True

        try:
            return bool(await self._transact(change))
        except DuplicateKeyError:
            return False

    async def _write(self, id: str, session: Any, **said: object) -> None:
        document = {"_id": id, "at": self._database.now(), **said}
        await self._database.db[OPERATOR_ACTS].insert_one(document, session=session)

    async def _prepare(self) -> None:
        """A transaction must find its collections there; and the clock is mongod's."""
        if not self._database.clock.is_fresh:
            await self._database.prepare(())

    async def _transact(self, change: Callable[[Any], Coroutine[Any, Any, object]]) -> Any:
        async with await self._database.client.start_session() as session:
            return await session.with_transaction(change)


def letter_id(digest: str) -> str:
    """The `_id` of the act by which a dead letter was handled: there is one at most."""
    return f"letter/{digest}"


def _due(now: dt.datetime) -> Doc:
    return {"run_at": {"$gte": EPOCH, "$lte": now}}
