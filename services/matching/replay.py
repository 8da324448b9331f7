"""The organiser's command: what would another policy have proposed, of the profiles as they are now?

`python -m services.matching replay --policy new.yaml [--against live] [--json]` reads only. The file has the fields of
`PUT /v1/policies/{name}`. The same policy and the same profiles give the same bytes."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from services.chassis.model import Doc, safe_text
from services.chassis.mongo import Database, open_database
from services.chassis.ops import ChassisSettings

from . import store
from .chosen_encoders import encoders_of
from .domain.desk import Desk
from .domain.indexed_profile import IndexedProfile
from .domain.pair import pair_id
from .domain.pair_score import Scorer
from .domain.policy import LIVE, Policy, PolicyRules
from .domain.replay import Fitting, History, compare, replay
from .encoder import scorer_of
from .settings import MatchingSettings
from .store import DESKS, INDEXED, PROFILES
from .usecases.policies import stored_policy

MAX_PROFILES = 3000
"""All pairs across the border are scored, a few thousand in a second."""
HEAD = ("owner", "group", "at", "offers.topics", "needs.topics")


@dataclass(frozen=True)
class Stored:
    """What is read: published profiles (some fields), indexed ones, desks, and pairs of organisations that rest."""

    heads: list[Doc]
    indexed: list[Doc]
    desks: list[Doc]
    rests: set[str]
    now: dt.datetime


def command(arguments: Sequence[str]) -> None:
    """Runs the command. Exits with 1 and the reason where it is not possible, with 2 for wrong arguments."""
    parser = argparse.ArgumentParser(prog="python -m services.matching replay", description=__doc__)
    parser.add_argument("--policy", type=Path, required=True, help="a YAML file with the rules of a policy")
    parser.add_argument("--against", default=LIVE, help="the name of a stored policy; `live` by default")
    parser.add_argument("--json", action="store_true", help="the whole comparison as JSON")
    chosen = parser.parse_args(arguments)
    settings = MatchingSettings()
    try:
        rules = read_rules(chosen.policy)
        stored, against = asyncio.run(_read(settings, chosen.against))
    except (OSError, ValueError) as error:
        sys.exit(f"Nothing was compared. {error}")
    except Exception as error:  # of the driver, which only stores and the chassis know
        sys.exit(f"Nothing was compared: {safe_text(error)}")
    found = compared(stored, scorer_of(encoders_of(settings)), against.rules, rules)
    print(json.dumps(found, indent=2, sort_keys=True) if chosen.json else described(found, against, chosen.policy))


def read_rules(file: Path) -> PolicyRules:
    """The rules in a file. Raises OSError, ValueError."""
    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8"))
        unknown = sorted(set(read) - set(PolicyRules.model_fields)) if isinstance(read, dict) else []
        if unknown:
            raise ValueError(
                f"{file} has fields that no policy has: {', '.join(map(str, unknown))}. Correct their names."
            )
        return PolicyRules.model_validate(read)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg']}" for e in error.errors())
        raise ValueError(f"{file} is no policy. {wrong}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"{file} is no YAML: {safe_text(error)}") from None


async def _read(settings: MatchingSettings, against: str) -> tuple[Stored, Policy]:
    database = open_database("matching", ChassisSettings())
    try:
        return await read_stored(database), await stored_policy(database, settings, against)
    finally:
        database.close()


async def read_stored(database: Database) -> Stored:
    """Reads the projection as it is now. Raises ValueError for more profiles than can be compared."""
    ids = sorted(await store.countries_of(database, None, limit=MAX_PROFILES + 1))
    if len(ids) > MAX_PROFILES:
        raise ValueError(f"More than {MAX_PROFILES} profiles are published, the most that can be compared at once.")
    heads = await store.documents(database, PROFILES, ids, fields=HEAD)
    # The latest change is the present, so that the same profiles give the same bytes on any day.
    now = dt.datetime.fromtimestamp(max((doc["at"] for doc in heads), default=0) / 1e6, tz=dt.UTC)
    owners = sorted({doc["owner"] for doc in heads})
    pairs = [pair_id(one, other) for at, one in enumerate(owners) for other in owners[at + 1 :]]
    return Stored(
        sorted(heads, key=lambda doc: (doc["at"], doc["_id"])),
        await store.documents(database, INDEXED, ids),
        await store.documents(database, DESKS, ids),
        await store.resting(database, pairs, now),
        now,
    )


def compared(stored: Stored, scorer: Scorer, before: PolicyRules, after: PolicyRules) -> dict[str, Any]:
    """What the two policies propose of the same profiles."""
    history = history_of(stored, scorer, min(before.minimum_score, after.minimum_score))
    return compare(history, replay(history, before), replay(history, after))


def history_of(stored: Stored, scorer: Scorer, minimum: float) -> History:
    """Who may be proposed to whom, by all rules that no policy changes."""
    heads = {doc["_id"]: doc for doc in stored.heads}
    known = {doc["_id"]: IndexedProfile.model_validate(doc) for doc in stored.indexed}
    order = [id for id in heads if id in known]
    excluded = {doc["_id"]: Desk.model_validate(doc).excluded for doc in stored.desks}
    fitting: dict[str, list[Fitting]] = {id: [] for id in order}

    def may_meet(one: str, other: str) -> bool:
        a, b = known[one], known[other]
        if not a.may_be_proposed(b) or pair_id(a.owner, b.owner) in stored.rests:
            return False
        sides = ((one, other), (other, one))
        return not any(x in excluded and excluded[x].exclude_doc(heads[y], scorer.taxonomy) for x, y in sides)

    for at, one in enumerate(order):
        others = [known[other] for other in order[:at] if may_meet(one, other)]
        scored = scorer.fitting(known[one], others, stored.now, minimum)
        fitting[one] += [Fitting(other.id, found.score, found.complementary) for other, found in scored]
    best_first = {id: sorted(others, key=lambda one: (-one.score, one.id)) for id, others in fitting.items()}
    return History(order, {id: heads[id]["owner"] for id in order}, best_first)


def described(found: dict[str, Any], against: Policy, file: Path) -> str:
    """The comparison for people."""
    lines = [f"{found['profiles']} profiles, in the order of publication; no one answers."]
    lines.append(f"{'':<22}{against.label:>12}  {file.name}")
    for name, title in SUMMARY.items():
        lines.append(f"{title:<22}{found['before'][name]:>12}  {found['after'][name]}")
    lines.append(f"{'the same pairs':<22}{found['same']:>12}")
    for side, does in (("gains", "gain"), ("loses", "lose")):
        lines.append(f"{len(found[side])} profiles {does}")
        lines += [f"  {c['profile_id']}  {c['before']} -> {c['after']}  score {c['score']:+.4f}" for c in found[side]]
    return "\n".join(lines)


SUMMARY = {
    "proposals": "proposals",
    "without_proposal": "without a proposal",
    "displaced": "displaced",
    "gini": "Gini of proposals",
    "mean_score": "mean score",
}
