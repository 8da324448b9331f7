"""Who calls, and what the caller may do: read from a token that the HTTP layer has verified."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .refusals import NotFound

ROLES = ("participant", "organiser", "operator", "reader")


@dataclass(frozen=True, slots=True)
class Caller:
    """`sub` is the member, `org` the owner of profiles; both are opaque pseudonyms."""

    sub: str
    org: str
    roles: frozenset[str]
    expires_at: float = field(default=math.inf, compare=False)
    """Seconds since the epoch. What lasts longer than a request (a stream) ends with the token."""

    @property
    def is_organiser(self) -> bool:
        """Organisers read everything, correct texts and keep the glossary. They answer for no participant."""
        return "organiser" in self.roles

    @property
    def is_operator(self) -> bool:
        """Operators run the platform. They read nothing of a participant, and erase what no one else can erase."""
        return "operator" in self.roles

    def owns(self, owner: str) -> bool:
        """Whether the caller may act for profiles of this owner."""
        return "participant" in self.roles and self.org == owner

    def may_read(self, owner: str) -> bool:
        """Whether the caller may read what only the owner and organisers see."""
        return self.is_organiser or self.owns(owner)

    def must_own(self, owner: str | None, what: str) -> None:
        """Raises NotFound where `what` has another owner or does not exist: strangers cannot tell the two apart."""
        if owner is None or not self.owns(owner):
            raise NotFound(f"There is no such {what}, or it is not yours.")
