"""MongoDB when a process starts: waited for, diagnosed, prepared; and its time, kept from then on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from pymongo.errors import PyMongoError

from .model.documents import AnyCollection
from .mongo.clock import LOOK_SECONDS
from .mongo.database import Database
from .mongo.diagnosis import clock_off, why_unusable
from .mongo.errors import explain
from .ops.logs import logger
from .ops.loops import Backoff, retry, run_forever

log = logger(__name__)
CLOCK_SECONDS = 4.0


class MongoStart:
    """It may be away when the process starts: this waits without end, and says why it is of no use."""

    def __init__(
        self, uri: str, database: Database, collections: Sequence[AnyCollection], *, beat: Callable[[], None]
    ) -> None:
        """`beat` is called while it waits: no loop has been started yet, so none can hang."""
        self._uri, self._database, self._collections, self._beat = uri, database, collections, beat
        self.is_prepared = False

    async def prepare(self) -> None:
        """Returns when the collections and indexes are there; once is enough."""

        def report(error: BaseException) -> None:
            log.warning("mongodb_not_there_yet", error=explain(error))
            self._beat()

        if not self.is_prepared:
            await retry(self._prepare_once, backoff=Backoff(0.2, 3.0), report=report, catch=(PyMongoError,))
            self.is_prepared = True
            self._say_whether_clocks_agree()

    async def _prepare_once(self) -> None:
        try:
            await self._database.prepare(self._collections)
        except PyMongoError as error:
            if why := await why_unusable(self._uri, error):
                log.error("mongodb_unusable", reason=why)
            raise

    def _say_whether_clocks_agree(self) -> None:
        ahead = self._database.clock.ahead_seconds
        if advice := clock_off(ahead):
            log.error("clock_is_off", ahead_seconds=round(ahead), advice=advice)

    async def keep_time(self) -> None:
        """Keeps the clock fresh; its answers are also the sign that MongoDB is there."""

        async def refresh() -> None:
            # A mongod that was stopped, or a line that swallows everything, lets a driver wait for 30 s.
            async with asyncio.timeout(CLOCK_SECONDS):
                await self._database.clock.refresh(self._database.client)
            await asyncio.sleep(LOOK_SECONDS)

        def report(error: BaseException) -> None:
            log.warning("mongodb_away", error=explain(error))

        pause = LOOK_SECONDS
        await run_forever(refresh, backoff=Backoff(pause, pause), report=report, catch=(PyMongoError, TimeoutError))
