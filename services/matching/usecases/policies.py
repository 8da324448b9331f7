"""Policies: versioned documents. The one of the settings stands where none was written (docs/rules.md, section 5)."""

from __future__ import annotations

from services.chassis.commit import UnitOfWork
from services.chassis.model import IfMatch, NotFound
from services.chassis.mongo import Database

from ..domain.policy import LIVE, Policy, PolicyNames, PolicyRules, PolicyVersion, name_of
from ..settings import MatchingSettings
from ..store import POLICIES, POLICY_NAMES, POLICY_NAMES_ID, POLICY_VERSIONS


def default_policy(settings: MatchingSettings, name: str = LIVE) -> Policy:
    """Version 0, as the settings have it."""
    rules = PolicyRules(
        minimum_score=settings.minimum_score,
        proposals=settings.proposals,
        max_open=settings.max_open,
        days_open=settings.days_open,
        complementary_places=min(1, settings.proposals),
    )
    return Policy(id=name, rules=rules)


async def policy_of(uow: UnitOfWork, settings: MatchingSettings, label: str | None = None) -> Policy:
    """The present version of the policy that a match names; without a label the live one. It is not expected at the
    commit: what is decided at the same moment as a new version may be of either."""
    name = name_of(label)
    return await uow.get(POLICIES, name) or default_policy(settings, name)


async def stored_policy(database: Database, settings: MatchingSettings, name: str = LIVE) -> Policy:
    """The present version of a policy. Raises NotFound for a name that was never written, but for the live one."""
    found = await database.one(POLICIES, name)
    if found is None and name != LIVE:
        raise NotFound("There is no such policy.")
    return found or default_policy(settings)


async def policy_version(database: Database, settings: MatchingSettings, name: str, version: int) -> Policy:
    """A version of a policy as it was written. Raises NotFound."""
    if version == 0:
        return default_policy(settings, (await stored_policy(database, settings, name)).id)
    kept = await database.one(POLICY_VERSIONS, Policy(id=name, version=version, rules=default_rules(settings)).label)
    if kept is None:
        raise NotFound("There is no such version of this policy.")
    return Policy(id=name, version=version, rules=kept.rules, written_at=kept.written_at)


def default_rules(settings: MatchingSettings) -> PolicyRules:
    """The rules of the settings."""
    return default_policy(settings).rules


async def write_policy(
    uow: UnitOfWork, *, name: str, rules: PolicyRules, if_match: IfMatch, settings: MatchingSettings
) -> Policy:
    """The next version of a policy, or the first one. What was proposed keeps the version that it names; what is
    decided from now on follows this one. The same rules again write nothing.

    Raises PreconditionMissing, StaleRevision, InvalidState (too-many-policies)."""
    before = await uow.get(POLICIES, name)
    if_match.must_match(before.version if before else 0, required=before is not None or name == LIVE)
    after = (before or default_policy(settings, name)).after(rules, uow.now)
    if before is not None and after.version == before.version:
        return before
    names = await uow.get_or(POLICY_NAMES, PolicyNames(id=POLICY_NAMES_ID))
    uow.put(POLICY_NAMES, names.with_name(name))
    await uow.create(POLICY_VERSIONS, PolicyVersion(id=after.label, rules=rules, written_at=uow.now))
    return uow.put(POLICIES, after)
