"""What the scheduler is asked for: a forum, its registrations, what is agreed, and what is taken already."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter

from ..agenda import Agenda
from ..calendar import LENGTH
from ..claim import member_claims
from ..forums.programme import Interpreter as ForumInterpreter
from ..forums.registration import MAX_TARGET, Delegate, Registration
from ..forums.setup import ForumSetup
from ..match import Match
from ..members import member_key
from ..scheduling.problem import NOWHERE, Interpreter, Lock, Mask, Person, Problem, Slot, Table, Wish
from .locks import with_locks
from .plan import PlannedMeeting
from .slot_times import Times, by_holder, minutes_of, times_of
from .target_shares import shared


@dataclass(frozen=True)
class Names:
    """What stands behind the numbers of a problem."""

    starts: list[dt.datetime]
    places: list[str]
    halls: list[str]
    interpreters: list[str]
    matches: list[str]
    sides: list[dict[str, str]]


@dataclass(frozen=True)
class Asked:
    """A problem and its names."""

    problem: Problem
    names: Names


ASKED = TypeAdapter(Asked)
NOTHING = frozenset[str]()


@dataclass(frozen=True)
class Sources:
    """All that a plan is made from. `agendas` by key of the member; `claims`: ids of claims that bookings hold, and
    `beside`: those of bookings elsewhere, without the change-over; `closed`: those that no meeting may have;
    `languages` by profile; `locks` by match, with those of meetings that are booked already, whose matches are
    `booked`; `sides` by match: who meets, where that is known and the time is not; `met`: how many meetings that were
    held at the forum each profile has had; `served`: when each interpreter's meetings that were held began."""

    forum_id: str
    setup: ForumSetup
    registrations: Sequence[Registration]
    matches: Sequence[Match]
    languages: Mapping[str, Sequence[str]]
    agendas: Mapping[str, Agenda]
    claims: frozenset[str]
    locks: Mapping[str, PlannedMeeting]
    booked: frozenset[str]
    now: dt.datetime
    closed: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    sides: Mapping[str, dict[str, str]] = field(default_factory=dict)
    met: Mapping[str, int] = field(default_factory=dict)
    served: Mapping[str, Sequence[dt.datetime]] = field(default_factory=dict)


def representatives(match: Match, registrations: Mapping[str, Registration]) -> dict[str, str] | None:
    """Who meets for each side: its representative if that one takes part, else the first delegate; None if a side does
    not take part."""
    found = dict[str, str]()
    for side in match.parties:
        registration = registrations.get(side)
        if registration is None or not registration.delegates:
            return None
        named = match.representatives.get(side, "")
        found[side] = named if registration.delegate(named) else registration.delegates[0].member_id
    return found


def asked_for(sources: Sources) -> Asked:
    """The problem of a forum, with slots that are still to come."""
    return _Building(sources).asked()


class _Building:
    def __init__(self, sources: Sources) -> None:
        self.sources, self.setup = sources, sources.setup
        self.registrations = {one.profile_id: one for one in sources.registrations}
        self.locks = sources.locks
        self.change_over = dt.timedelta(minutes=self.setup.change_over)
        self.starts = [at for at in self.setup.slots() if at > sources.now or self._is_locked_at(at)]
        self.times = [times_of(start, self.change_over) for start in self.starts]
        self.taken = [by_holder(ids) for ids in (sources.closed, sources.claims, sources.beside)]
        self.slot_at = {start: n for n, start in enumerate(self.starts)}
        self.halls = [hall.id for hall in self.setup.halls] or [""]
        self.people: list[Person] = []
        self.number: dict[tuple[str, str], int] = {}
        self.known = set[tuple[str, str]]()

    def asked(self) -> Asked:
        wishes, kept, sides = self._wishes()
        tables = self._tables()
        interpreters = [self._interpreter(one) for one in self.setup.interpreters]
        places = [table.id for table in tables]
        names = Names(
            self.starts, places, self.halls, [one.id for one in interpreters], [match.id for match in kept], sides
        )
        problem = Problem(
            slots=tuple(self._slot(start) for start in self.starts),
            people=tuple(self.people),
            tables=tuple(tables),
            wishes=tuple(wishes),
            interpreters=tuple(interpreters),
            walking=tuple(tuple(self.setup.walking_minutes(a, b) for b in self.halls) for a in self.halls),
            buffer=self.setup.change_over,
        )
        self._share_targets(problem)
        problem = replace(problem, people=tuple(self.people))
        locked = self._locked(names)
        booked = {wish for wish in locked if names.matches[wish] in self.sources.booked}
        return Asked(with_locks(problem, locked, booked), names)

    def _is_locked_at(self, start: dt.datetime) -> bool:
        return any(lock.start == start for lock in self.locks.values())

    def _slot(self, start: dt.datetime) -> Slot:
        return Slot(self.setup.date_of(start.isoformat()), *minutes_of(start))

    def _wishes(self) -> tuple[list[Wish], list[Match], list[dict[str, str]]]:
        wishes, kept, sides = list[Wish](), list[Match](), list[dict[str, str]]()
        for match in sorted(self.sources.matches, key=lambda match: match.id):
            lock = self.locks.get(match.id)
            if self._is_between_slots(match):
                continue
            known = lock.sides if lock else self.sources.sides.get(match.id)
            members = known or representatives(match, self.registrations)
            if members is None or not set(members) <= set(self.registrations):
                continue
            one, other = (self._person(side, members[side]) for side in match.parties)
            if one != other:
                wishes.append(Wish(match.id, one, other, round(match.score * 1000), self._is_must(match)))
                kept.append(match)
                sides.append(members)
        return wishes, kept, sides

    def _is_between_slots(self, match: Match) -> bool:
        """Whether it meets at the forum already, at a time to which its sides have moved it: its claims hold that, and
        no slot does."""
        return match.id in self.sources.booked and self.locks[match.id].start not in self.slot_at

    def _is_must(self, match: Match) -> bool:
        return any(match.other(side) in self.registrations[side].must_meets for side in match.parties)

    def _person(self, profile_id: str, member_id: str) -> int:
        key = (self.registrations[profile_id].owner, member_id)
        if (profile_id, member_id) not in self.known:
            self.known.add((profile_id, member_id))
            self._know(key, self._delegate(profile_id, member_id))
        return self.number[key]

    def _know(self, key: tuple[str, str], person: Person) -> None:
        """Who comes for two profiles of its organisation is there when both say so."""
        if key not in self.number:
            self.number[key] = len(self.people)
            self.people.append(person)
            return
        before = self.people[self.number[key]]
        self.people[self.number[key]] = replace(
            before,
            free=before.free & person.free,
            languages=before.languages | person.languages,
            is_remote=before.is_remote or person.is_remote,
        )

    def _delegate(self, profile_id: str, member_id: str) -> Person:
        registration = self.registrations[profile_id]
        delegate = registration.delegate(member_id) or Delegate(member_id=member_id)
        languages = frozenset(delegate.languages or self.sources.languages.get(profile_id, ()))
        free = self._free(profile_id, registration.owner, delegate)
        is_remote = delegate.attendance == "remote" or self.setup.mode == "remote"
        return Person(member_key(registration.owner, member_id), free, languages, is_remote)

    def _share_targets(self, problem: Problem) -> None:
        """Targets are of a profile. Where several delegates meet for it, each gets its share by the number of wishes
        that have a place at all, so that together they never exceed the maximum."""
        of_plan = enumerate(problem.wishes)
        wishes = [wish for n, wish in of_plan if wish.id in self.locks or problem.has_option(n)]
        parties = {match.id: match.parties for match in self.sources.matches}
        of_profile = dict[str, dict[int, int]]()
        for wish in wishes:
            for side, who in zip(parties[wish.id], (wish.one, wish.other), strict=True):
                shares = of_profile.setdefault(side, {})
                shares[who] = shares.get(who, 0) + 1
        least, most, raised = Counter[int](), Counter[int](), Counter[int]()
        met = Counter(self.sources.met)
        met.update(side for match in self.sources.matches if self._is_between_slots(match) for side in match.parties)
        for side, shares in of_profile.items():
            targets = self.registrations[side].targets
            # Counted for the participant, as its organiser would raise it, and not for each of its delegates.
            higher = min(targets.maximum + 1, MAX_TARGET)
            for of, target in ((least, targets.minimum), (most, targets.maximum), (raised, higher)):
                of.update(shared(max(0, target - met[side]), shares))
        for n, person in enumerate(self.people):
            self.people[n] = replace(person, least=least[n], most=most[n], one_more=raised[n] - most[n])

    def _free(self, profile_id: str, owner: str, delegate: Delegate) -> Mask:
        agenda = self.sources.agendas.get(member_key(owner, delegate.member_id))
        talks = [
            talk
            for talk in self.setup.talks
            if any(s.profile_id == profile_id and s.member_id in (None, delegate.member_id) for s in talk.speakers)
        ]

        def is_free(start: dt.datetime) -> bool:
            end = start + LENGTH
            is_there = delegate.is_there(start, end) and not any(talk.overlaps(start, end) for talk in talks)
            return is_there and (agenda is None or agenda.is_free(start, end))

        return self._mask(is_free, member_claims(member_key(owner, delegate.member_id)))

    def _tables(self) -> list[Table]:
        found = list[Table]()
        for kind, parts in (("table", self.setup.tables), ("room", self.setup.rooms)):
            for part in parts:
                hall = self.halls.index(part.hall)
                talks = [talk for talk in self.setup.talks if talk.room == part.id]

                def is_open(start: dt.datetime, talks: Sequence[object] = tuple(talks)) -> bool:
                    return not any(talk.overlaps(start, start + LENGTH) for talk in talks)  # type: ignore[attr-defined]

                free = self._mask(is_open, f"{kind}/{self.sources.forum_id}/{part.id}")
                found.append(Table(part.id, hall, free))
        return found

    def _interpreter(self, one: ForumInterpreter) -> Interpreter:
        free = self._mask(
            lambda start: one.works(start, start + LENGTH), f"interpreter/{self.sources.forum_id}/{one.id}"
        )
        is_remote = one.attendance == "remote" or self.setup.mode == "remote"
        pairs = frozenset(frozenset(pair) for pair in one.pairs)
        return Interpreter(one.id, pairs, free, one.max_in_row, is_remote, tuple(sorted(self._beside(one.id))))

    def _beside(self, id: str) -> set[tuple[int, int]]:
        """When an interpreter has other meetings at the forum: those that were held, and those between the slots."""
        of_slots = (lock for match, lock in self.locks.items() if match in self.sources.booked)
        between = [at.start for at in of_slots if at.interpreter == id and at.start not in self.slot_at]
        return {minutes_of(start) for start in (*self.sources.served.get(id, ()), *between)}

    def _mask(self, is_free: Callable[[dt.datetime], bool], claimed_by: str) -> Mask:
        """The slots that are free by themselves, and in which no one else has claimed it."""

        closed, claims, beside = (of.get(claimed_by, NOTHING) for of in self.taken)

        def is_left(time: Times) -> bool:
            is_open = closed.isdisjoint(time.meets) and beside.isdisjoint(time.before)
            return is_open and claims.isdisjoint(time.meets | time.after)

        # A slot that has begun is there for what is booked in it, and for nothing else.
        to_come = ((n, start) for n, start in enumerate(self.starts) if start > self.sources.now)
        return sum(1 << n for n, start in to_come if is_free(start) and is_left(self.times[n]))

    def _locked(self, names: Names) -> dict[int, Lock]:
        """What is locked, as far as the forum still has its slot."""
        found = dict[int, Lock]()
        for wish, id in enumerate(names.matches):
            lock = self.locks.get(id)
            if lock is None or lock.start not in self.slot_at:
                continue
            table = names.places.index(lock.place) if lock.place in names.places else NOWHERE
            helper = names.interpreters.index(lock.interpreter) if lock.interpreter in names.interpreters else NOWHERE
            found[wish] = Lock(self.slot_at[lock.start], table, helper)
        return found
