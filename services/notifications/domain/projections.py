"""What notifications stores of other services' aggregates: enough to find the recipients and to render notices."""

from __future__ import annotations

from schemas.calendars import CalendarUpdated
from schemas.common import Text, text_id
from schemas.matches import Evidence, MatchState
from schemas.meetings import MeetingState, Move, Venue
from schemas.profiles import Names, ProfileState
from schemas.translations import TextTranslated
from services.chassis.model import Projection

from .calendars import WorkCalendar


class ProfileRow(Projection):
    """A profile. Names and texts are there only while it is public. `texts` is keyed by text_id."""

    owner: str = ""
    state: str = "unknown"
    country: str = ""
    names: Names | None = None
    legal_name: str | None = None
    texts: dict[str, Text] = {}


class MatchRow(Projection):
    """A match of two profiles."""

    parties: list[str] = []
    state: str = ""
    accepted_by: list[str] = []
    evidence: list[Evidence] = []
    expires_at: str = ""


class MeetingRow(Projection):
    """A meeting of the two sides of a match. Instants are ISO 8601 text, as in the events."""

    parties: list[str] = []
    state: str = ""
    asked_by: str = ""
    start: str = ""
    end: str = ""
    venue: Venue | None = None
    sides: dict[str, str] = {}
    """The representative of each side, by profile."""
    move: Move | None = None
    conflicts: list[str] = []
    ical_sequence: int = 0
    lapses_at: str | None = None
    forum_id: str | None = None
    """The forum whose plan has booked it, or that has offered it."""
    accepted_by: list[str] | None = None
    """Of an offer: who has accepted."""


class TranslationRow(Projection):
    """The translation of a text; its id is `<text_id>:<language>`.

    `text` is empty if the translation was erased, or if quality checks have flagged it. Then the original is shown,
    and a digest does not wait for a better translation."""

    text: str = ""
    made_by: str = ""


class HolidayRow(Projection):
    """The table of holidays: by country and date (ISO 8601) whether the day is worked."""

    version: str = ""
    days: dict[str, dict[str, bool]] = {}

    def calendar(self) -> WorkCalendar:
        """The library's calendar, corrected by this table."""
        return WorkCalendar(self.days)


class ForumRow(Projection):
    """A forum, or a part of its plan: that its events were read, and how far. They are passed on to webhooks."""


def profile_row(before: ProfileRow, sequence: int, state: ProfileState | None) -> ProfileRow:
    """The row after an event of the profile. `state` is None for an erasure, which leaves only the sequence."""
    if state is None:
        return _as_next_version(before, ProfileRow(id=before.id, sequence=sequence, state="erased"))
    entries = [*(state.offers or ()), *(state.needs or ())]
    row = ProfileRow(
        id=before.id,
        sequence=sequence,
        owner=state.owner,
        state=state.state,
        country=state.country,
        names=state.names,
        legal_name=state.legal_name,
        texts={text_id(entry.text): entry.text for entry in entries},
    )
    return _as_next_version(before, row)


def _as_next_version(before: ProfileRow, row: ProfileRow) -> ProfileRow:
    """With the revision of the stored row, as the unit of work requires of a document that replaces it."""
    return row.model_copy(update={"revision": before.revision, "at": before.at})


def match_row(before: MatchRow, sequence: int, state: MatchState) -> MatchRow:
    """The row after an event of the match."""
    # `model_copy` does not validate: nested models are passed as they are, because dumped ones would stay dicts.
    fields = state.model_dump(include={"parties", "state", "accepted_by", "expires_at"})
    return before.model_copy(update={**fields, "evidence": state.evidence, "sequence": sequence})


def meeting_row(before: MeetingRow, sequence: int, state: MeetingState) -> MeetingRow:
    """The row after an event of the meeting."""
    names = {
        "parties",
        "state",
        "asked_by",
        "start",
        "end",
        "lapses_at",
        "sides",
        "conflicts",
        "ical_sequence",
        "forum_id",
        "accepted_by",
    }
    fields = state.model_dump(include=names)
    return before.model_copy(update={**fields, "venue": state.venue, "move": state.move, "sequence": sequence})


def translation_row(before: TranslationRow, sequence: int, state: TextTranslated | None) -> TranslationRow:
    """The row after an event of the translation. `state` is None for an erasure."""
    if state is None:
        return before.model_copy(update={"text": "", "made_by": "", "sequence": sequence})
    text = "" if state.flags else state.translation.text
    return before.model_copy(update={"text": text, "made_by": state.made_by, "sequence": sequence})


def holiday_row(before: HolidayRow, sequence: int, state: CalendarUpdated) -> HolidayRow:
    """The row after a table was loaded, which replaces the one before as a whole."""
    return before.model_copy(update={"version": state.version, "days": state.days, "sequence": sequence})
