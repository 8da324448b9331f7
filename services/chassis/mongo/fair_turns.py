"""In which order jobs are taken: no organisation waits behind the flood of another one."""

from __future__ import annotations

import datetime as dt

SPACING = dt.timedelta(seconds=1)
"""Between two turns of one owner. It orders jobs and delays none: while no one else waits, they are taken at once."""
MAX_OWNERS = 10_000


class FairTurns:
    """Gives each job a turn, an instant by which due jobs are sorted. The turns of one owner are a second apart, so the
    hundredth job of a flood comes after a first job of any owner that is planned within the next hundred seconds.

    A replica counts for itself. After a restart a flood may begin with the present once more, which is as fair."""

    def __init__(self) -> None:
        self._last: dict[str, dt.datetime] = {}

    def next(self, owner: str, not_before: dt.datetime) -> dt.datetime:
        """The turn of an owner's next job, which is due at `not_before`. Jobs without an owner are not spaced."""
        if not owner:
            return not_before
        before = self._last.get(owner)
        turn = not_before if before is None else max(not_before, before + SPACING)
        if len(self._last) >= MAX_OWNERS:
            self._last = {known: last for known, last in self._last.items() if last > not_before}
        self._last[owner] = turn
        return turn
