"""Acts that the other side hears of are counted by day, in the transaction of the act."""

from __future__ import annotations

from services.chassis.commit import UnitOfWork

from ..domain.budget import Budget, day_end, limits, proposals_id
from ..settings import MatchingSettings
from ..store import BUDGETS


async def spend_act(uow: UnitOfWork, *, org: str, other: str, settings: MatchingSettings) -> None:
    """Counts an act of an organisation that another one hears of. Raises QuotaReached."""
    per_pair, per_org = settings.max_acts_per_pair_and_day, settings.max_acts_per_org_and_day
    for limit in limits(org, other, uow.now, per_pair=per_pair, per_org=per_org):
        budget = await _budget(uow, limit.budget_id)
        limit.must_allow(budget, uow.now)
        uow.put(BUDGETS, budget.with_one_more())


async def may_propose(uow: UnitOfWork, *, org: str, other: str, settings: MatchingSettings) -> bool:
    """Whether publications of an organisation may make one more proposal to another one today: a profile that is
    withdrawn and published again and again must not fill inboxes."""
    budget = await _budget(uow, proposals_id(org, other, uow.now))
    return budget.used < settings.max_acts_per_pair_and_day


async def count_proposal(uow: UnitOfWork, *, org: str, other: str) -> None:
    """Counts a proposal that was made."""
    budget = await _budget(uow, proposals_id(org, other, uow.now))
    uow.put(BUDGETS, budget.with_one_more())


async def _budget(uow: UnitOfWork, id: str) -> Budget:
    return await uow.get_or(BUDGETS, Budget(id=id, day_ends=day_end(uow.now)))
