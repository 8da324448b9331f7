"""The forum's people as visitors of a composed system, and what they find there."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from deploy.demo.forum import SEED, Forum

from .stack import Stack

SIZE = 30
"""Organisations of both countries that take part."""


@dataclass(frozen=True)
class Outcome:
    """What the API says at the end: states of matches and meetings, and how often each person was told of what."""

    matches: dict[str, str]
    meetings: dict[str, tuple[str, str]]
    notices: Counter[tuple[str, str, str]]


@asynccontextmanager
async def forum(stack: Stack, profiles: dict[str, str] | None = None) -> AsyncIterator[Forum]:
    """A forum on the stack. `profiles`: those of the organisations, where they have registered already."""
    limits = httpx2.Limits(max_connections=40)
    async with httpx2.AsyncClient(timeout=10, limits=limits, verify=stack.system.trust()) as http:
        found = Forum(stack.system, http, SEED, SIZE)
        for delegation in found.delegations:
            delegation.profile_id = (profiles or {}).get(delegation.organisation.owner, "")
        yield found


async def outcome(forum: Forum) -> Outcome:
    """What the people of a forum find."""
    matches = {m["match_id"]: m["state"] for d in forum.delegations for m in await d.matches()}
    meetings = {m["meeting_id"]: (m["state"], m["start"]) for d in forum.delegations for m in await d.meetings()}
    notices = [
        (person.sub, entry["template"], str(entry["about"]))
        for person in forum.participants.values()
        for entry in await person.inbox()
    ]
    return Outcome(matches, meetings, Counter(notices))
