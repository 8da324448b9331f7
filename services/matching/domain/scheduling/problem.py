"""What a schedule is asked for: slots, people, tables, interpreters and the pairs that agreed. Everything is named by
its number in the problem; times are whole minutes, and sets of slots are bit masks (bit n: slot n)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

Mask = int
NOWHERE = -1
"""The hall of a meeting without a table, and the interpreter of one that needs none."""
REST_MINUTES = 20
"""A pause of this length ends a row of meetings of an interpreter."""


@dataclass(frozen=True)
class Slot:
    """A place in the grid of a day, in minutes of any common clock. Slots are ordered by time."""

    day: str
    start: int
    end: int


@dataclass(frozen=True)
class Person:
    """Somebody who takes part. `least` and `most`: targets of meetings, those of locked ones included. `one_more`: what
    `most` gains when each participant may have one more meeting; a participant may have several people."""

    id: str
    free: Mask
    languages: frozenset[str] = frozenset()
    is_remote: bool = False
    least: int = 0
    most: int = 1_000
    one_more: int = 1


@dataclass(frozen=True)
class Table:
    """A table, or a room, in a hall (its number)."""

    id: str
    hall: int
    free: Mask


@dataclass(frozen=True)
class Interpreter:
    """Who interprets between the two languages of any of `pairs`, at most `in_a_row` meetings without a pause.
    `beside`: when other meetings begin and end, which are in no slot of the problem and count for a row."""

    id: str
    pairs: frozenset[frozenset[str]]
    free: Mask
    in_a_row: int = 1_000
    is_remote: bool = False
    beside: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Wish:
    """An agreed pair. `score` from 0 to 1,000."""

    id: str
    one: int
    other: int
    score: int = 0
    must: bool = False


@dataclass(frozen=True)
class Spot:
    """When and where a pair meets: slot, hall or NOWHERE, interpreter or NOWHERE."""

    slot: int
    hall: int
    interpreter: int


@dataclass(frozen=True)
class Lock:
    """A meeting that the organiser has locked: it keeps its slot, table and interpreter."""

    slot: int
    table: int
    interpreter: int


@dataclass(frozen=True)
class Problem:
    """All of it. `walking[a][b]`: minutes from hall a to hall b; `buffer`: minutes that a person has between meetings.
    `locked`: by number of the wish."""

    slots: tuple[Slot, ...]
    people: tuple[Person, ...]
    tables: tuple[Table, ...]
    wishes: tuple[Wish, ...]
    interpreters: tuple[Interpreter, ...] = ()
    walking: tuple[tuple[int, ...], ...] = ((0,),)
    buffer: int = 0
    locked: Mapping[int, Lock] = field(default_factory=dict)

    @cached_property
    def capacity(self) -> tuple[tuple[int, ...], ...]:
        """Free tables by hall and slot."""
        slots = range(len(self.slots))
        return tuple(
            tuple(sum(table.hall == hall and bool(table.free >> slot & 1) for table in self.tables) for slot in slots)
            for hall in range(len(self.walking))
        )

    @cached_property
    def wishes_of(self) -> tuple[tuple[int, ...], ...]:
        """The wishes of each person."""
        found: list[list[int]] = [[] for _ in self.people]
        for number, wish in enumerate(self.wishes):
            found[wish.one].append(number)
            found[wish.other].append(number)
        return tuple(map(tuple, found))

    @cached_property
    def common(self) -> tuple[Mask, ...]:
        """The slots that both sides of each wish have, before anybody meets."""
        return tuple(self.people[wish.one].free & self.people[wish.other].free for wish in self.wishes)

    @cached_property
    def halls_of(self) -> tuple[tuple[int, ...], ...]:
        """The halls where each wish may meet; NOWHERE alone where both are remote."""
        halls = tuple(range(len(self.walking)))
        return tuple((NOWHERE,) if self._is_remote(wish) else halls for wish in self.wishes)

    @cached_property
    def helpers_of(self) -> tuple[tuple[int, ...], ...]:
        """The interpreters who can help each wish; NOWHERE alone where the two share a language."""
        return tuple(tuple(self._helpers(wish)) for wish in self.wishes)

    @cached_property
    def near(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Other slots that are so near to each that a walk or the buffer may not fit between, with the pause."""
        furthest = max(self.buffer, *(max(row) for row in self.walking))
        return tuple(
            tuple((n, gap) for n, gap in self._gaps(slot) if gap < furthest) for slot in range(len(self.slots))
        )

    @cached_property
    def follows(self) -> tuple[bool, ...]:
        """Whether each slot comes without a rest after the one before."""
        return tuple(
            n > 0 and slot.start - self.slots[n - 1].end < REST_MINUTES and slot.day == self.slots[n - 1].day
            for n, slot in enumerate(self.slots)
        )

    def needs_link(self, wish: int, helper: int = NOWHERE) -> bool:
        """Whether a side of it is remote, or the interpreter who helps it."""
        pair = self.wishes[wish]
        is_helped_from_afar = helper != NOWHERE and self.interpreters[helper].is_remote
        return is_helped_from_afar or self.people[pair.one].is_remote or self.people[pair.other].is_remote

    def pause(self, here: int, there: int) -> int:
        """The minutes that somebody on site needs between meetings in two halls."""
        is_walk = here != NOWHERE and there != NOWHERE
        return max(self.buffer, self.walking[here][there]) if is_walk else self.buffer

    def has_option(self, wish: int) -> bool:
        """Whether it could meet if it were the only one."""
        return any(
            self._is_open(slot, hall) and (helper == NOWHERE or self.interpreters[helper].free >> slot & 1)
            for slot in bits(self.common[wish])
            for hall in self.halls_of[wish]
            for helper in self.helpers_of[wish]
        )

    def _is_open(self, slot: int, hall: int) -> bool:
        return hall == NOWHERE or self.capacity[hall][slot] > 0

    def _gaps(self, slot: int) -> Iterator[tuple[int, int]]:
        this = self.slots[slot]
        for n, other in enumerate(self.slots):
            if n != slot:
                yield n, max(other.start - this.end, this.start - other.end)

    def _is_remote(self, wish: Wish) -> bool:
        return self.people[wish.one].is_remote and self.people[wish.other].is_remote

    def _helpers(self, wish: Wish) -> Iterator[int]:
        one, other = self.people[wish.one].languages, self.people[wish.other].languages
        # Nothing is known of one who says no language: no interpreter is kept for them.
        if not one or not other or one & other:
            yield NOWHERE
            return
        wanted = {frozenset((a, b)) for a in one for b in other}
        yield from (n for n, interpreter in enumerate(self.interpreters) if interpreter.pairs & wanted)


def bits(mask: Mask) -> Iterator[int]:
    """The numbers of the slots of a mask, in order."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
