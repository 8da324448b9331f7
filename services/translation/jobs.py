"""Job -> use case: slow and later work."""

from __future__ import annotations

from services.chassis.commit import AnyJob, Job, RunOptions

from .job_kinds import SWEEP, TRANSLATE
from .usecases.texts import sweep_text
from .usecases.translate import TranslateText


def jobs(translate_text: TranslateText, *, max_tries: int) -> tuple[AnyJob, ...]:
    """The table of the service's jobs. `max_tries` is for one text into one language."""
    return (
        Job(
            kind=TRANSLATE,
            work=translate_text.work,
            apply=translate_text.apply,
            options=RunOptions(max_tries=max_tries, concurrency=16),
        ),
        Job.deciding(SWEEP, sweep_text),
    )
