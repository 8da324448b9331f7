"""What notifications keeps of others' aggregates, to know whom to tell and to render what is told."""

from __future__ import annotations

from schemas.common import Text, text_id
from schemas.matches import Evidence, MatchState
from schemas.meetings import MeetingState, Move, Venue
from schemas.profiles import Names, ProfileState
from schemas.translations import TextTranslated
from services.chassis.documents import Projection


class ProfileRow(Projection):
    """Names and texts only while the profile is public."""

    owner: str = ""
    state: str = "unknown"
    country: str = ""
    names: Names | None = None
    legal_name: str | None = None
    texts: dict[str, Text] = {}


class MatchRow(Projection):
    parties: list[str] = []
    state: str = ""
    accepted_by: list[str] = []
    evidence: list[Evidence] = []
    expires_at: str = ""


class MeetingRow(Projection):
    parties: list[str] = []
    state: str = ""
    asked_by: str = ""
    start: str = ""
    end: str = ""
    venue: Venue | None = None
    members: list[str] = []
    move: Move | None = None
    conflicts: list[str] = []
    ical_sequence: int = 0
    lapses_at: str | None = None


class TranslationRow(Projection):
    """Id `text_id:language`. Without text where it was erased, or where quality checks have flagged it: then the
    original is shown, and nobody waits for a better one."""

    text: str = ""
    made_by: str = ""


def profile_row(before: ProfileRow, sequence: int, state: ProfileState | None) -> ProfileRow:
    if state is None:
        return _kept(before, ProfileRow(id=before.id, sequence=sequence, state="erased"))
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
    return _kept(before, row)


def _kept(before: ProfileRow, row: ProfileRow) -> ProfileRow:
    return row.model_copy(update={"revision": before.revision, "at": before.at})


def match_row(before: MatchRow, sequence: int, state: MatchState) -> MatchRow:
    fields = state.model_dump(include={"parties", "state", "accepted_by", "expires_at"})
    return before.model_copy(update={**fields, "evidence": state.evidence, "sequence": sequence})


def meeting_row(before: MeetingRow, sequence: int, state: MeetingState) -> MeetingRow:
    told = {"parties", "state", "asked_by", "start", "end", "lapses_at", "members", "conflicts", "ical_sequence"}
    fields = state.model_dump(include=told)
    return before.model_copy(update={**fields, "venue": state.venue, "move": state.move, "sequence": sequence})


def translation_row(before: TranslationRow, sequence: int, state: TextTranslated | None) -> TranslationRow:
    if state is None:
        return before.model_copy(update={"text": "", "made_by": "", "sequence": sequence})
    text = "" if state.flags else state.translation.text
    return before.model_copy(update={"text": text, "made_by": state.made_by, "sequence": sequence})
