"""Lines of participants: one for each delegate. What belongs to the whole profile stands in each of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from zoneinfo import ZoneInfo

from services.chassis.model import is_pseudonym

from ..forums.registration import (
    MAX_DELEGATES,
    MAX_MUST_MEETS,
    MAX_PARTICIPANTS,
    MAX_TARGET,
    Delegate,
    Registration,
    Targets,
)
from ..forums.setup import ForumSetup
from .cells import a_number, an_id, an_instant, instant_text, one_of, several
from .lines import Column, Line, Sheet, read_lines
from .mistakes import Mistake, WrongCell

KIND = "participants"
COLUMNS = (
    Column("profile_id", ("프로필", "프로필 id", "档案", "档案id", "档案编号"), is_needed=True),
    Column("member_id", ("담당자", "담당자 id", "代表", "代表id", "代表编号"), is_needed=True),
    Column("attendance", ("참가 방식", "参加方式")),
    Column("arrives", ("도착", "도착 시각", "到达", "到达时间")),
    Column("leaves", ("출발", "떠나는 시각", "离开", "离开时间")),
    Column("languages", ("언어", "语言")),
    Column("minimum", ("최소", "최소 미팅", "最少", "最少会面")),
    Column("maximum", ("최대", "최대 미팅", "最多", "最多会面")),
    Column("must_meets", ("필수 미팅", "必须会面")),
)
ATTENDANCE = {
    "onsite": ("offline", "inperson", "현장", "현장참가", "오프라인", "대면", "现场", "線下", "线下"),
    "remote": ("online", "온라인", "원격", "비대면", "线上", "線上", "远程"),
}
LANGUAGES = {
    "ko": ("korean", "한국어", "韩语", "韩文", "韩国语"),
    "zh": ("chinese", "mandarin", "중국어", "中文", "汉语", "普通话"),
    "en": ("english", "영어", "英语", "英文"),
}
FIELDS = {"attendance": "attendance", "arrives": "arrives_at", "leaves": "leaves_at", "languages": "languages"}
"""Fields of a delegate, by column."""
PROFILE_ID = r"[a-z0-9-]{1,64}"
MEMBER_ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
"""What may be stored; a new delegate is named as a token names it."""
Stored = Mapping[tuple[str, str], Delegate]
"""Delegates by profile and member."""


@dataclass
class Participant:
    """What a file says of a profile. Targets and must-meets are None where the file has no such columns, and what is
    stored stays; so do the fields of a delegate that are not among `fields`."""

    profile_id: str
    line: int
    fields: frozenset[str] = frozenset()
    """Of a delegate: those of which the file has a column."""
    delegates: list[Delegate] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    """Where each delegate stands, by member."""
    minimum: int | None = None
    maximum: int | None = None
    must_meets: list[str] | None = None

    def targets(self, before: Targets) -> Targets:
        """Its targets after the file."""
        said = {"minimum": self.minimum, "maximum": self.maximum}
        return before.model_copy(update={name: number for name, number in said.items() if number is not None})


def stored_delegates(found: Iterable[Registration]) -> dict[tuple[str, str], Delegate]:
    """The delegates of registrations, as `read_participants` wants them."""
    return {(one.profile_id, delegate.member_id): delegate for one in found for delegate in one.delegates}


def read_participants(sheet: Sheet, setup: ForumSetup, stored: Stored) -> tuple[list[Participant], list[Mistake]]:
    """The participants of a sheet by profile, and all of its mistakes. What says the same as is stored is none, also
    where the forum has changed since: an export comes back as it was."""
    read, found = read_lines(sheet, COLUMNS), dict[str, Participant]()
    for line in read.lines:
        if not line.needs("profile_id", "member_id"):
            continue
        profile_id = line.read("profile_id", partial(an_id, pattern=PROFILE_ID), empty="")
        delegate = _delegate(line, profile_id, setup, stored)
        one = _profile(line, profile_id)
        if profile_id and delegate is not None:
            _add(line, found.setdefault(profile_id, one), one, delegate)
    if len(found) > MAX_PARTICIPANTS:
        read.mistakes.append(Mistake("too_many_profiles", KIND, values={"most": MAX_PARTICIPANTS}))
    return list(found.values()), read.mistakes


def _delegate(line: Line, profile_id: str, setup: ForumSetup, stored: Stored) -> Delegate | None:
    """The delegate of a line. None, with the mistake noted, for one that cannot take part."""
    before = len(line.mistakes)
    known = stored.get((profile_id, line.cells["member_id"]))
    member_id = line.read("member_id", partial(_member_id, is_stored=known is not None), empty="")
    usual = "onsite" if setup.takes("onsite") else "remote"
    attendance = line.read("attendance", partial(one_of, words=ATTENDANCE), empty=usual)
    if not setup.takes(attendance) and not (known and known.attendance == attendance):
        line.wrong("attendance", "not_at_this_forum", mode=setup.mode)
    times = {name: line.read(name, partial(an_instant, zone=setup.tz), empty=None) for name in ("arrives", "leaves")}
    languages = list(line.read("languages", _languages, empty=()))
    if len(line.mistakes) > before:
        return None
    fields = {"arrives_at": times["arrives"], "leaves_at": times["leaves"], "languages": languages}
    delegate = Delegate.model_validate({"member_id": member_id, "attendance": attendance, **fields})
    said = [FIELDS[name] for name in times if line.has(name)]
    if not delegate.comes_to(setup.open_hours) and not has_same_times(known, delegate, said):
        line.wrong("arrives" if delegate.arrives_at else "leaves", "not_on_a_day")
        return None
    return delegate


def _member_id(text: str, *, is_stored: bool) -> str:
    """The id of a member: of a new one by the rule of tokens, as a request names it. Raises WrongCell."""
    id = an_id(text, MEMBER_ID)
    if not is_stored and not is_pseudonym(id):
        raise WrongCell("not_a_member")
    return id


def has_same_times(before: Delegate | None, now: Delegate, fields: Iterable[str]) -> bool:
    """Whether a delegate is stored with the same in these of its times."""
    return before is not None and all(getattr(before, name) == getattr(now, name) for name in fields)


def _languages(text: str) -> list[str]:
    return list(dict.fromkeys(one_of(word, LANGUAGES) for word in several(text, most=len(LANGUAGES))))


def _profile(line: Line, profile_id: str) -> Participant:
    """What a line says of its whole profile."""
    fields = frozenset(name for column, name in FIELDS.items() if line.has(column))
    one, whole = Participant(profile_id, line.number, fields), Targets()
    if line.has("minimum"):
        one.minimum = line.read("minimum", partial(a_number, low=0, high=MAX_TARGET), empty=whole.minimum)
    if line.has("maximum"):
        one.maximum = line.read("maximum", partial(a_number, low=1, high=MAX_TARGET), empty=whole.maximum)
    if one.minimum is not None and one.maximum is not None and one.minimum > one.maximum:
        line.wrong("minimum", "minimum_above_maximum")
    if line.has("must_meets"):
        one.must_meets = sorted(line.read("must_meets", _profiles, empty=()))
        if profile_id in one.must_meets:
            line.wrong("must_meets", "itself")
        if one.maximum is not None and len(one.must_meets) > one.maximum:
            line.wrong("maximum", "more_must_meets_than_maximum")
    return one


def _profiles(text: str) -> list[str]:
    found = several(text, most=MAX_MUST_MEETS)
    for id in found:
        an_id(id, PROFILE_ID)
    return found


def _add(line: Line, known: Participant, said: Participant, delegate: Delegate) -> None:
    """Adds a delegate to its profile."""
    for name in ("minimum", "maximum", "must_meets"):
        if getattr(known, name) != getattr(said, name):
            line.wrong(name, "contradicts", line=known.line)
    if any(one.member_id == delegate.member_id for one in known.delegates):
        line.wrong("member_id", "twice")
    elif len(known.delegates) >= MAX_DELEGATES:
        line.wrong("member_id", "too_many_delegates", most=MAX_DELEGATES)
    else:
        known.delegates.append(delegate)
        known.lines[delegate.member_id] = line.number


def participant_lines(found: Sequence[Registration], zone: ZoneInfo) -> Iterator[Mapping[str, str]]:
    """The lines of registrations, as `read_participants` reads them."""
    for one in found:
        whole = {
            "profile_id": one.profile_id,
            "minimum": str(one.targets.minimum),
            "maximum": str(one.targets.maximum),
            "must_meets": ", ".join(one.must_meets),
        }
        for delegate in one.delegates:
            yield whole | {
                "member_id": delegate.member_id,
                "attendance": delegate.attendance,
                "arrives": instant_text(delegate.arrives_at, zone),
                "leaves": instant_text(delegate.leaves_at, zone),
                "languages": ", ".join(delegate.languages),
            }
