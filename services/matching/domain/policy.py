"""A policy: how many are proposed to whom. Policies are versioned, and every match names the version of its own."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.chassis.model import Document, InvalidState

LIVE = "live"
"""The policy of proposals that a publication causes, and of requests by name."""
MAX_POLICIES = 100


class PolicyRules(BaseModel):
    """The rules of a policy. `proposals`: made for a profile by its own publication, or in a round, at most; of these
    `complementary_places` are kept for a complementary sector, but never the only one. `max_open`: matches that wait
    for an answer at one profile. `beta`: of the joint ranking of a round; the smaller, the more it follows the
    interests."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    minimum_score: Annotated[float, Field(ge=0.01, le=1)]
    proposals: Annotated[int, Field(ge=1, le=20)]
    max_open: Annotated[int, Field(ge=1, le=100)]
    complementary_places: Annotated[int, Field(ge=0, le=20)] = 1
    days_open: Annotated[int, Field(ge=1, le=90)] = 14
    beta: Annotated[float, Field(ge=0.02, le=1)] = 0.1

    @model_validator(mode="after")
    def _fits(self) -> PolicyRules:
        if self.complementary_places > self.proposals:
            raise ValueError("there are more complementary_places than proposals; lower one or raise the other")
        return self

    def keeps_place(self, made: int, complementary: int) -> bool:
        """Whether the next place is kept for a complementary sector: of `made` proposals this many are of one."""
        return self.proposals - made <= self.kept_places - complementary

    @property
    def kept_places(self) -> int:
        """The places that are kept for a complementary sector: the best partner goes before it."""
        return min(self.complementary_places, self.proposals - 1)


class Policy(Document):
    """The present version of a policy, under its name. Version 0 is the default, which the settings give."""

    version: int = 0
    rules: PolicyRules
    written_at: dt.datetime | None = None

    @property
    def label(self) -> str:
        """Name and version, as events have them."""
        return f"{self.id}@{self.version}"

    def without_minimum(self) -> Policy:
        """The same version for a pair that an organiser has chosen: it need not reach the minimum."""
        return self.model_copy(update={"rules": self.rules.model_copy(update={"minimum_score": 0.0})})

    def after(self, rules: PolicyRules, now: dt.datetime) -> Policy:
        """The next version; the same policy if nothing changes."""
        if self.version and rules == self.rules:
            return self
        return self.model_copy(update={"rules": rules, "version": self.version + 1, "written_at": now})


class PolicyVersion(Document):
    """A version of a policy, kept unchanged under its label."""

    rules: PolicyRules
    written_at: dt.datetime


class PolicyNames(Document):
    """Which policies there are."""

    names: list[str] = []

    def with_name(self, name: str) -> PolicyNames:
        """With one more. Raises InvalidState at the limit."""
        if name in self.names:
            return self
        if len(self.names) >= MAX_POLICIES:
            detail = f"There are {MAX_POLICIES} policies, the most that are kept. Write another version of one of them."
            raise InvalidState("too-many-policies", detail)
        return self.model_copy(update={"names": sorted([*self.names, name])})


def name_of(label: str | None) -> str:
    """The name of the policy in a label; LIVE without one."""
    return label.partition("@")[0] if label else LIVE
