"""The kinds of jobs of matching and what each is about. `jobs.py` says what they do."""

from __future__ import annotations

from services.chassis.commit import JobKind, Payload


class ProfileJob(Payload):
    """About one revision of a profile; a later one has a job of its own."""

    profile_id: str
    sequence: int


class MatchJob(Payload):
    """About a match."""

    match_id: str


class MeetingJob(Payload):
    """About a meeting."""

    meeting_id: str


EMBED = JobKind("embed", ProfileJob)
PROPOSE = JobKind("propose", ProfileJob)
EXPIRE = JobKind("expire", MatchJob)
LAPSE = JobKind("lapse", MeetingJob)
RECHECK = JobKind("recheck", MeetingJob)
