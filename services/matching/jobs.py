"""Job kind -> its two halves: what matching does later."""

from __future__ import annotations

from services.chassis.commit import AnyJob, Job, RunOptions
from services.chassis.mongo import CollectionCache

from .job_kinds import EMBED, EXPIRE, FORGET_ANSWERS, LAPSE, PROPOSE, RECHECK, RECHECK_ALL
from .usecases.answer_match import expire_match
from .usecases.busy_times import recheck_meeting
from .usecases.embed_profile import EmbedProfile
from .usecases.forget_profile import ForgetProfile
from .usecases.holiday_table import RecheckAll
from .usecases.meetings import lapse_meeting
from .usecases.propose_matches import ProposeMatches


def jobs(
    embed: EmbedProfile, propose: ProposeMatches, forget: ForgetProfile, recheck: RecheckAll, cache: CollectionCache
) -> tuple[AnyJob, ...]:
    """`cache` keeps the vector index up to date. No proposal is worked on while it is loading, and `catch_up` lets it
    see everything that was committed before the jobs were claimed."""
    return (
        # The model encodes for one caller at a time (`embedders.py`), so more jobs at once would only wait.
        Job(kind=EMBED, work=embed.work, apply=embed.apply, options=RunOptions(concurrency=4)),
        Job(
            kind=PROPOSE,
            work=propose.work,
            apply=propose.apply,
            options=RunOptions(ready=lambda: cache.is_loaded, prepare=cache.catch_up),
        ),
        Job.deciding(EXPIRE, expire_match),
        Job.deciding(LAPSE, lapse_meeting),
        Job.deciding(RECHECK, recheck_meeting),
        Job(kind=RECHECK_ALL, work=recheck.work, apply=recheck.apply),
        Job(kind=FORGET_ANSWERS, work=forget.work, apply=forget.apply),
    )
