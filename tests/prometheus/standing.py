"""notifications with a relay that stands still, as by a bug: `python -m tests.prometheus.standing`."""

from __future__ import annotations

import asyncio
import runpy

from services.chassis.kafka_out.relay import Relay


async def stands(self: Relay) -> None:
    await asyncio.Event().wait()


Relay._lead_if_possible = stands  # type: ignore[method-assign]
runpy.run_module("services.notifications", run_name="__main__")
