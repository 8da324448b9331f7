"""How well the right partner is found by a running system: each text of a half is published over HTTP as a profile of a
firm of its own, and each firm reads its matches, as a stranger would."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.services import free_base
from deploy.local.system import Servers, System
from services.chassis.tokens import mint

from ..load import Connection
from .partners import Dress, Gold, Said, is_right, may_meet, texts

JUDGING = ("embed", "embed_second", "propose")
"""The jobs after which a profile has its matches."""
CLIENTS = 8
WITHIN_SECONDS = 900.0


def evaluate(half: str, dress: Dress, gold: Gold = "partners") -> dict[str, Any]:
    """`r1`, `r3`: how often a firm has its right partner as its best match, or among its best three; `hard`: how often
    above the tempting wrong one; `others`: matches with a stranger, a firm; `refused`: texts that could not be
    published as they are."""
    return asyncio.run(_evaluate(half, dress, gold))


async def _evaluate(half: str, dress: Dress, gold: Gold) -> dict[str, Any]:
    said = sorted(texts(half, dress, gold), key=lambda one: (one.pair, one.country, one.is_hard))
    # Firms do not publish in the order of our file; the same order in every run.
    random.Random(1).shuffle(said)
    with tempfile.TemporaryDirectory(prefix="magpie-eval-") as name, Servers(Path(name)) as servers:
        replicas, prefix = {"profiles": 1, "matching": 1}, "eval"
        env = {"MAGPIE_TOPIC_PREFIX": prefix, "MAGPIE_DATABASE_PREFIX": f"{prefix}_"}
        with System.on_servers(servers, Path(name), replicas=replicas, base_port=free_base(), env=env) as system:
            profiles = await _published(system, Path(name), said)
            await _judged(servers, f"{prefix}_matching", len(profiles))
            found = {id: await _matches(system, Path(name), id, n) for id, n in profiles.items()}
    return shares(said, profiles, found)


def body(said: Said) -> dict[str, Any]:
    """A profile that has this text as its only entry."""
    names, lang = {"en": f"Firm {said.pair}"}, {"KR": "ko", "CN": "zh"}[said.country]
    entry = {"kind": said.kind, "text": said.text.model_dump(), "topics": []}
    return {
        "organisation": {"type": "company", "country": said.country, "names": names, "legal_name": names["en"]},
        "languages": sorted({lang, "en"}),
        "offers": [entry] if said.side == "offer" else [],
        "needs": [entry] if said.side == "need" else [],
    }


async def _published(system: System, directory: Path, said: Sequence[Said]) -> dict[str, int]:
    """The number of its text by the id of each profile that could be published."""
    url, waiting, profiles = system.urls("profiles")[0], list(enumerate(said)), dict[str, int]()

    async def publish() -> None:
        while waiting:
            n, one = waiting.pop()
            connection = Connection(url, mint(org=f"firm-{n}", role="participant", state_dir=directory))
            created = await connection.ask("POST", "/v1/profiles", body(one))
            if created.status == 201:
                path = created.headers["location"]
                assert (await connection.ask("POST", f"{path}/publish")).status == 200
                profiles[path.rsplit("/", 1)[1]] = n
            connection.close()

    await asyncio.gather(*(publish() for _ in range(CLIENTS)))
    return profiles


async def _judged(servers: Servers, database: str, expected: int) -> None:
    """Waits until every profile is in the index and no job is left that could propose."""
    matching: Any = AsyncIOMotorClient(servers.uri)[database]
    async with asyncio.timeout(WITHIN_SECONDS):
        while await matching.indexed.count_documents({}) < expected or await matching.jobs.find_one(
            {"kind": {"$in": JUDGING}}
        ):
            await asyncio.sleep(0.2)


async def _matches(system: System, directory: Path, id: str, n: int) -> list[tuple[float, str]]:
    """Score and partner of a profile's matches, best first."""
    token = mint(org=f"firm-{n}", role="participant", state_dir=directory)
    connection = Connection(system.urls("matching")[0], token)
    page = (await connection.ask("GET", f"/v1/matches?profile_id={id}&limit=100")).json()
    connection.close()
    others = ((match["score"], next(party for party in match["parties"] if party != id)) for match in page["items"])
    return sorted(others, key=lambda one: -one[0])


def shares(
    said: Sequence[Said], profiles: Mapping[str, int], found: Mapping[str, Sequence[tuple[float, str]]]
) -> dict[str, Any]:
    """The figures, from the number of its text by profile and the matches of each, best first."""
    ranks, beaten, asked, others = list[int](), 0, 0, 0
    for id, n in profiles.items():
        partners = [said[profiles[other]] for _, other in found[id]]
        others += sum(not _belong(said[n], other) for other in partners)
        if said[n].is_hard:
            continue
        asked += 1
        right = next((k for k, other in enumerate(partners) if _belong(said[n], other)), None)
        tempting = next((k for k, other in enumerate(partners) if _tempts(said[n], other)), len(partners))
        ranks += [] if right is None else [right]
        beaten += right is not None and right < tempting
    return {
        "r1": round(sum(rank == 0 for rank in ranks) / asked, 4),
        "r3": round(sum(rank < 3 for rank in ranks) / asked, 4),
        "hard": round(beaten / asked, 4),
        "asked": asked,
        "others": round(others / len(profiles), 2),
        "refused": len(said) - len(profiles),
    }


def _belong(one: Said, other: Said) -> bool:
    need, offer = (one, other) if one.side == "need" else (other, one)
    return may_meet(need, offer) and is_right(need, offer)


def _tempts(one: Said, other: Said) -> bool:
    return one.pair == other.pair and other.is_hard
