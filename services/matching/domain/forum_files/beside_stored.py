"""What a file says of a profile, beside what is stored of it: what the file does not name stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..forums.registration import MAX_DELEGATES, Delegate, Registration
from ..forums.setup import ForumSetup
from .cells import without_zeros
from .mistakes import Mistake
from .participant_lines import KIND, Participant, has_same_times


def registered(before: Registration, said: Participant, setup: ForumSetup) -> tuple[Registration, list[Mistake]]:
    """The registration after a file, and what of the file does not go with what stays of it."""
    delegates = {one.member_id: one for one in before.delegates}
    for one in said.delegates:
        delegates[one.member_id] = _delegate(delegates.get(one.member_id), one, said)
    must_meets = before.must_meets if said.must_meets is None else said.must_meets
    fields = {"targets": said.targets(before.targets), "must_meets": list(must_meets)}
    after = before.model_copy(update={"delegates": [*delegates.values()], **fields})
    wrong = [*_lost_zeros(before, after, said), *_wrong_delegates(before, after, said, setup)]
    wrong += _wrong_wishes(after, said)
    return after, wrong


def _delegate(before: Delegate | None, now: Delegate, said: Participant) -> Delegate:
    return now if before is None else before.model_copy(update={name: getattr(now, name) for name in said.fields})


def _lost_zeros(before: Registration, after: Registration, said: Participant) -> Iterator[Mistake]:
    """New delegates whose ids are others without their zeros."""
    count = Counter(without_zeros(one.member_id) for one in after.delegates)
    for one in said.delegates:
        if before.delegate(one.member_id) is None and count[without_zeros(one.member_id)] > 1:
            yield Mistake("lost_zeros", KIND, said.lines[one.member_id], "member_id")


def _wrong_delegates(
    before: Registration, after: Registration, said: Participant, setup: ForumSetup
) -> Iterator[Mistake]:
    if len(after.delegates) > MAX_DELEGATES:
        yield Mistake("too_many_with_stored", KIND, said.line, "member_id", {"most": MAX_DELEGATES})
    times = {name: column for column, name in (("arrives", "arrives_at"), ("leaves", "leaves_at"))}
    told = [name for name in times if name in said.fields]
    for one in after.delegates:
        # Times that the file does not change are no mistake of the file.
        is_changed = one.member_id in said.lines and not has_same_times(before.delegate(one.member_id), one, told)
        if told and is_changed and not one.comes_to(setup.open_hours):
            yield Mistake("not_on_a_day", KIND, said.lines[one.member_id], times[told[0]])


def _wrong_wishes(after: Registration, said: Participant) -> Iterator[Mistake]:
    low, high = said.minimum is not None, said.maximum is not None
    if (low or high) and after.targets.minimum > after.targets.maximum:
        yield Mistake("minimum_above_maximum", KIND, said.line, "minimum" if low else "maximum")
    if (said.must_meets is not None or high) and len(after.must_meets) > after.targets.maximum:
        column = "maximum" if high else "must_meets"
        yield Mistake("more_must_meets_than_maximum", KIND, said.line, column)
