"""What participants do: ask, confirm, move, cancel, give back, are busy, leave."""

from __future__ import annotations

import datetime as dt
import itertools

from hypothesis import strategies as st
from hypothesis.stateful import rule

from schemas.meetings import Venue
from schemas.profiles import ProfileState, ProfileWithdrawn
from services.chassis.commit.jobs import Claimed
from services.chassis.model.events import Cause, Incoming
from services.chassis.model.preconditions import IfMatch
from services.matching.domain.agenda import Busy
from services.matching.domain.asks import Meant
from services.matching.domain.calendar import LENGTH
from services.matching.job_kinds import LAPSE, MeetingJob
from services.matching.usecases import meetings
from services.matching.usecases.attendance import release_meeting
from services.matching.usecases.busy_times import set_busy
from services.matching.usecases.meetings import MeetingRequest, MoveRequest
from services.matching.usecases.project_profile import project_profile

from .acting import SETTINGS, Acting
from .cast import FORUM_ROOM, FORUM_TABLE
from .world import World

ANY = IfMatch(None)
HALL, ROOM = Venue(kind="onsite", place="전시장 A-12"), Venue(kind="online", url="https://meet.example/1")
LOBBY = Venue(kind="onsite", place="로비")
TABLE, TYPED_TABLE, HYBRID, OTHER_ROOM = (
    Venue(kind="onsite", place=FORUM_TABLE),
    Venue(kind="onsite", place="ａ－1"),
    Venue(kind="onsite", place=FORUM_TABLE, url="https://meet.example/2"),
    Venue(kind="onsite", place=FORUM_ROOM),
)
"""Places of the forum, by their names; one as people may type it, one with a link."""
SIDES, SLOTS, SOME = st.integers(0, 1), st.integers(0, 4), st.integers(0, 30)
LATE_STEPS = 30
"""Profiles leave after that many acts, or there is little left to do."""


class People(Acting):
    """Everybody has asked for something when it begins."""

    def __init__(self, world: World, *, is_tight: bool = False) -> None:
        super().__init__(world, is_tight=is_tight)
        self.sequence = dict.fromkeys(self.cast.profiles, 1)
        for match, slot in itertools.product(range(4), range(3)):
            self.ask(match, match % 2, slot)

    @rule(match=st.integers(0, 3), side=SIDES, slot=SLOTS)
    def ask(self, match: int, side: int, slot: int) -> None:
        id = self.matches[match]
        caller = self.caller(self.cast.parties[id][side])
        wish = MeetingRequest(id, self.slots[slot], HALL)
        self.act("ask", lambda uow: meetings.request_meeting(uow, caller=caller, wish=wish, settings=SETTINGS))

    @rule(n=SOME, side=SIDES, other_venue=st.sampled_from([None, None, None, ROOM]))
    def confirm(self, n: int, side: int, other_venue: Venue | None) -> None:
        if self.meetings:
            self.confirm_last_ask(self._chosen(n), side, other_venue)

    def confirm_last_ask(self, id: str, side: int, other_venue: Venue | None = None) -> None:
        """The start and the venue that the sender saw last, which may have changed since."""
        start, caller = self.starts[id], self.side_of(id, side)
        meant = Meant(start, other_venue or self.venues[id])
        self.act(
            f"confirm {start.isoformat()}",
            lambda uow: meetings.confirm_meeting(
                uow, caller=caller, meeting_id=id, meant=meant, if_match=ANY, settings=SETTINGS
            ),
        )

    @rule(slot=SLOTS)
    def all_confirm(self, slot: int) -> None:
        """Whatever is asked for at this time: of each two sides one did not ask."""
        for id in sorted(id for id, start in self.starts.items() if start == self.slots[slot]):
            for side in (0, 1):
                self.confirm_last_ask(id, side)

    @rule(
        n=SOME,
        side=SIDES,
        slot=SLOTS,
        is_agreed=st.booleans(),
        to=st.sampled_from([None, None, TABLE, TYPED_TABLE, HYBRID, OTHER_ROOM, ROOM, LOBBY]),
    )
    def move(self, n: int, side: int, slot: int, is_agreed: bool, to: Venue | None) -> None:
        """One side asks for it, and the other one may confirm it among the next acts."""
        if not self.booked:
            return
        id = sorted(self.booked)[n % len(self.booked)]
        self.ask_move(id, side, self.slots[slot], to)
        if is_agreed:
            self.let_loose()
            self.confirm_last_ask(id, 1 - side)

    def ask_move(self, id: str, side: int, start: dt.datetime, venue: Venue | None = None) -> None:
        """One side wants it at another time, or at another place."""
        caller, to = self.side_of(id, side), MoveRequest(start, venue)
        self.act(
            "move",
            lambda uow: meetings.reschedule_meeting(
                uow, caller=caller, meeting_id=id, to=to, if_match=ANY, settings=SETTINGS
            ),
        )

    @rule(n=SOME, side=SIDES)
    def cancel(self, n: int, side: int) -> None:
        if not self.meetings:
            return
        id = self._chosen(n)
        caller = self.side_of(id, side)
        self.act(
            "cancel",
            lambda uow: meetings.cancel_meeting(uow, caller=caller, meeting_id=id, if_match=ANY, settings=SETTINGS),
        )

    @rule(n=SOME, side=SIDES)
    def release(self, n: int, side: int) -> None:
        """A side gives the time of a booking back."""
        if not self.booked:
            return
        id = sorted(self.booked)[n % len(self.booked)]
        caller = self.side_of(id, side)
        self.act("release", lambda uow: release_meeting(uow, caller=caller, meeting_id=id))

    @rule(n=st.integers(0, 3), slot=SLOTS)
    def be_busy(self, n: int, slot: int) -> None:
        profile, start = self.cast.profiles[n], self.slots[slot]
        times = [Busy(start=start, end=start + LENGTH)] if slot else []
        caller, member = self.caller(profile), self.cast.member[profile]
        at = [self.cast.forum]
        self.act(
            "busy", lambda uow: set_busy(uow, caller=caller, member_id=member, times=times, forums=at, if_match=ANY)
        )

    @rule(n=st.integers(0, 15))
    def withdraw(self, n: int) -> None:
        """A profile leaves: seldom, and late."""
        if n > 3 or self.steps < LATE_STEPS:
            return
        profile = self.cast.profiles[n]
        self.sequence[profile] += 1
        state = ProfileWithdrawn(
            profile_id=profile, owner=self.cast.owner[profile], type="company", country="KR", state="withdrawn"
        )
        event: Incoming[ProfileState | None] = Incoming(
            data=state,
            id=f"{profile}-{self.sequence[profile]}",
            type=state.event_type,
            topic="profiles",
            key=profile,
            sequence=self.sequence[profile],
            time=dt.datetime.now(dt.UTC),
            cause=Cause(f"{profile}-{self.sequence[profile]}"),
        )
        self.act("withdraw", lambda uow: project_profile(uow, event))

    @rule(hours=st.sampled_from([1, 1, 49]), with_job=st.booleans())
    def time_passes(self, hours: int, with_job: bool) -> None:
        """Requests lapse, by the clock, and with or without their job."""
        self.let_loose()
        if self.world.clock.ahead < dt.timedelta(days=6):
            self.world.clock.ahead += dt.timedelta(hours=hours)
        for id in list(self.meetings) if with_job else ():
            job = Claimed(id, LAPSE.name, "t", 1, MeetingJob(meeting_id=id), Cause(id))
            self.act("lapse", lambda uow, job=job: meetings.lapse_meeting(uow, job))  # type: ignore[misc]

    def _chosen(self, n: int) -> str:
        return sorted(self.meetings)[n % len(self.meetings)]
