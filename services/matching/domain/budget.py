"""Budgets of acts that the other side hears of, by day (docs/rules.md, section 6)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.chassis.model import Document, QuotaReached

MAX_RETRY_SECONDS = 3600
QUOTAS = ("pair_day", "org_day")


class Budget(Document):
    """How much of one quota is used up on one day (in UTC)."""

    used: int = 0
    day_ends: dt.datetime

    def with_one_more(self) -> Budget:
        """After one more act."""
        return self.model_copy(update={"used": self.used + 1})


@dataclass(frozen=True)
class Limit:
    """A quota of an organisation, in total or towards another one: the id of its budget, and how much it allows."""

    quota: str
    budget_id: str
    most: int
    towards: str

    def must_allow(self, budget: Budget, now: dt.datetime) -> None:
        """Raises QuotaReached if the budget is used up."""
        if budget.used < self.most:
            return
        detail = f"Your organisation has written to {self.towards} {self.most} times today, the most for a day in UTC."
        seconds = int((budget.day_ends - now).total_seconds()) + 1
        raise QuotaReached(
            "budget-spent",
            f"{detail} Nothing was sent; go on tomorrow.",
            retry_after=min(MAX_RETRY_SECONDS, seconds),
            quota=self.quota,
        )


def day_end(now: dt.datetime) -> dt.datetime:
    """The next midnight in UTC."""
    return (now + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def limits(org: str, other: str, now: dt.datetime, *, per_pair: int, per_org: int) -> tuple[Limit, Limit]:
    """The limits of an act of `org` that `other` hears of. Each organisation has its own budget towards the other."""
    day, (pair_day, org_day) = _day(now), QUOTAS
    return (
        Limit(pair_day, f"acts/{org}|{other}/{day}", per_pair, "this other one"),
        Limit(org_day, f"acts/{org}/{day}", per_org, "others"),
    )


def proposals_id(org: str, other: str, now: dt.datetime) -> str:
    """The id of the budget of the proposals that publications of `org` make to `other`. They are counted apart from
    acts: people must not be refused for what the system does."""
    return f"proposals/{org}|{other}/{_day(now)}"


def _day(now: dt.datetime) -> str:
    return now.astimezone(dt.UTC).date().isoformat()
