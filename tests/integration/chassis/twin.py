"""twin.py GUARDED: the translation service, told by its environment; without the guard of its name for `0`."""

from __future__ import annotations

import asyncio
import sys

from services.chassis.mongo.replica_name import ReplicaName
from services.chassis.ops.settings import ChassisSettings
from services.translation.app import build
from services.translation.settings import TranslationSettings

if sys.argv[1] == "0":

    async def take(self: ReplicaName) -> bool:
        return True

    async def keep(self: ReplicaName) -> None:
        await asyncio.Event().wait()

    ReplicaName.take, ReplicaName.keep = take, keep  # type: ignore[method-assign]
build(ChassisSettings(), TranslationSettings()).run()
