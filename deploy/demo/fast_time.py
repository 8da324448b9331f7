"""Fast time: the days of the forum pass within a minute. The services read from a file by how much they are ahead."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass
class FastTime:
    """The clock of a demonstration (`MAGPIE_DEMO_CLOCK`). It moves on at the true pace, and by leaps."""

    file: Path
    ahead: dt.timedelta = dt.timedelta()

    @property
    def environment(self) -> dict[str, str]:
        """What every service is started with."""
        return {"MAGPIE_DEMO_CLOCK": str(self.file.resolve())}

    def begin(self) -> None:
        """The true time, before the services start."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self._write()

    def now(self) -> dt.datetime:
        """The present instant of the demonstration, in UTC."""
        return dt.datetime.now(dt.UTC) + self.ahead

    def leap_to(self, at: dt.datetime) -> None:
        """It is this instant now; one that has passed changes nothing."""
        if at > self.now():
            self.ahead = at - dt.datetime.now(dt.UTC)
            self._write()

    def _write(self) -> None:
        written = self.file.with_suffix(".new")
        written.write_text(str(self.ahead.total_seconds()))
        os.replace(written, self.file)  # a service must never read half of it
