"""What a rule finds, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RESIDENT = "resident's number"
"""The kind of a number that identifies a person for a state."""
Certainty = Literal["certain", "likely", "doubtful"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What kind of personal data was found, and at which character, from 0. Never the text: a finding may be logged.

    `certain`: refused. `likely`: refused until the owner says that it is public. `doubtful`: taken, and said."""

    kind: str
    at: int
    certainty: Certainty = "certain"

    @property
    def is_refused(self) -> bool:
        """Whether a text with it is refused, unless its owner confirms a likely one."""
        return self.certainty != "doubtful"
