"""An organiser's file is imported: all of it, or nothing and a report of every mistake (docs/rules.md, section 9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.chassis.commit import UnitOfWork
from services.chassis.model import InvalidState, Ref
from services.chassis.ops import Slices

from ..domain.advice_sentences import Lang
from ..domain.desk import MAX_FORUMS, Desk
from ..domain.forum_files import participant_lines
from ..domain.forum_files.beside_stored import registered
from ..domain.forum_files.mistakes import Mistake
from ..domain.forum_files.participant_lines import Participant
from ..domain.forum_files.whole_file import Contents, file_refused, with_contents
from ..domain.forums import forum as forums
from ..domain.forums.forum import Forum, must_be_going_on
from ..domain.forums.registration import Registration, registration_id
from ..domain.forums.venue import Room, Table
from ..store import DESKS, FORUMS, PROFILES, REGISTRATIONS
from .forums import known_forum
from .keep_booked import must_keep_booked
from .look_again import plan_another_look
from .registrations import count_more


@dataclass(frozen=True)
class OrganisersFile:
    """A file without mistakes of its own, and the revision of the forum by which it was read."""

    contents: Contents
    revision: int
    lang: Lang


@dataclass
class Imported:
    """What a file has changed: participants, places and interpreters that are new, that are changed, and that are as
    they were."""

    forum: Forum
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    newcomers: int = 0
    mistakes: list[Mistake] = field(default_factory=list)

    def count(self, before: object, after: object) -> None:
        """One more of a kind."""
        if before is None:
            self.added += 1
        elif before != after:
            self.changed += 1
        else:
            self.unchanged += 1


def refs_of(forum_id: str, participants: Sequence[Participant]) -> list[Ref]:
    """What is read for these participants."""
    ids = [one.profile_id for one in participants]
    per_profile = [ref for id in ids for ref in (PROFILES.ref(id), DESKS.ref(id))]
    return per_profile + [REGISTRATIONS.ref(registration_id(forum_id, id)) for id in ids]


async def import_file(uow: UnitOfWork, *, forum_id: str, file: OrganisersFile) -> Imported:
    """Adds and changes what a file names, and removes nothing; the same file again changes nothing.

    Raises NotFound, InvalidState (forum-closed, forum-changed, forum-full, in-use, publishing, too-much-at-once), and
    Refused with the mistakes that show against what is stored."""
    forum = await known_forum(uow, forum_id)
    must_be_going_on(forum)
    if forum.revision != file.revision:
        raise InvalidState("forum-changed", "The forum was changed while the file was read; send the file again.")
    setup, mistakes = with_contents(forum.setup, file.contents)
    found = Imported(forum, mistakes=mistakes)
    _count_setup(found, file.contents)
    await uow.load(refs_of(forum_id, file.contents.participants))
    slices = Slices()
    for participant in file.contents.participants:
        await _take(uow, forum_id, participant, found)
        await slices.turn()
    must_be_free_of_mistakes(found.mistakes, file.lang)
    if found.newcomers:
        await count_more(uow, forum_id, found.newcomers)
    change = forums.change(forum, setup)
    await must_keep_booked(uow, forum, setup)
    if change.event is not None:
        found.forum = uow.put(FORUMS, change.forum, forums.to_event(change.forum, change.event))
    if found.added or found.changed:
        plan_another_look(uow, forum_id)
    return found


def must_be_free_of_mistakes(mistakes: Sequence[Mistake], lang: Lang) -> None:
    """Raises Refused with all of them: then nothing of the file takes effect."""
    if mistakes:
        raise file_refused(mistakes, lang)


def _count_setup(found: Imported, contents: Contents) -> None:
    setup = found.forum.setup
    places: dict[str, Table | Room] = {table.id: table for table in setup.tables}
    places |= {room.id: room for room in setup.rooms}
    for place in contents.places:
        found.count(places.get(place.id), place)
    interpreters = {one.id: one for one in setup.interpreters}
    for one in contents.interpreters:
        found.count(interpreters.get(one.id), one)


async def _take(uow: UnitOfWork, forum_id: str, participant: Participant, found: Imported) -> None:
    """Registers one participant, or changes its registration; else its mistake is noted."""
    id = registration_id(forum_id, participant.profile_id)
    row = await uow.get(PROFILES, participant.profile_id)
    if row is None or not row.is_public:
        found.mistakes.append(_mistake(participant, "no_such_profile"))
        return
    before = await uow.get(REGISTRATIONS, id)
    if before is None:
        desk = await uow.get_or(DESKS, Desk(id=row.id))
        if len(desk.forums) >= MAX_FORUMS:
            found.mistakes.append(_mistake(participant, "at_too_many_forums"))
            return
        uow.expect(PROFILES, row.id)
        uow.put(DESKS, desk.at_forum(forum_id))
        found.newcomers += 1
    base = before or Registration(id=id, forum_id=forum_id, profile_id=row.id, owner=row.owner, delegates=[])
    after, wrong = registered(base, participant, found.forum.setup)
    found.mistakes += wrong
    found.count(before, after)
    uow.put(REGISTRATIONS, after)


def _mistake(participant: Participant, code: str) -> Mistake:
    return Mistake(code, participant_lines.KIND, participant.line, "profile_id")
