"""The verdict of the chaos suite can go red: each loss, double and disorder is found in a small world that has it."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest

from tests.chaos.evidence import Event, Evidence, Mail
from tests.chaos.people import History
from tests.chaos.verdict import Verdict, judge

AT = dt.datetime(2026, 12, 1, 1, tzinfo=dt.UTC)
PARTIES = ["p-cn", "p-kr"]
RECIPIENTS = {"p-kr": "kim", "p-cn": "wang"}
BOTH = {"parties": PARTIES, "accepted_by": PARTIES}
MEETING = {"parties": PARTIES, "ical_sequence": 0}


def event(type: str, key: str, sequence: int, body: dict[str, Any]) -> Event:
    return Event(f"{key}-{sequence}", type, key, sequence, body)


def history() -> History:
    return History(
        revisions={"p-kr": ["one", "two"]},
        accepted={("m", "p-kr"), ("m", "p-cn")},
        asked={"m"},
        requested={"t"},
        booked={"t"},
        moved={("t", 0)},
    )


def evidence() -> Evidence:
    """A world in which everything went right."""
    profiles = [
        event("magpie.profile.created", "p-kr", 1, {}),
        event("magpie.profile.published", "p-kr", 2, {}),
        event("magpie.profile.updated", "p-kr", 3, {"names": {"en": "one"}}),
        event("magpie.profile.updated", "p-kr", 4, {"names": {"en": "two"}}),
    ]
    matches = [
        event("magpie.match.proposed", "m", 1, {**BOTH, "accepted_by": ["p-kr"]}),
        event("magpie.match.agreed", "m", 2, BOTH),
    ]
    meetings = [
        event("magpie.meeting.requested", "t", 1, MEETING),
        event("magpie.meeting.booked", "t", 2, MEETING),
    ]
    sides = {"p-kr": "kim", "p-cn": "wang"}
    owners = {"p-kr": "hanbit", "p-cn": "huaqiao"}
    end = AT + dt.timedelta(minutes=20)
    booked = {"_id": "t", "state": "booked", "start": AT, "end": end, "sides": sides, "owners": owners}
    claims = [
        {"_id": f"member/{member}/2026-12-01T01:{minute}Z", "meeting_id": "t"}
        for member in ("hanbit/kim", "huaqiao/wang")
        for minute in ("00", "10")
    ]
    told = [{"event_id": id, "recipient_id": to} for id in ("m-2", "t-2") for to in ("kim", "wang")]
    as_sent = {"state": "sent", "template": "meeting.booked"}
    sent = [{**notice, **as_sent, "_id": f"d-{n}", "mail_id": f"d-{n}"} for n, notice in enumerate(told, start=1)]
    readers = ("matching", "notifications", "translation")
    return Evidence(
        {"profiles": profiles, "matches": matches, "meetings": meetings}
        | {topic: [] for topic in ("outcomes", "calendars", "forums", "translations", "notifications")},
        {
            **{f"{reader}.profiles": [{"_id": "p-kr", "sequence": 4}] for reader in readers},
            "notifications.matches": [{"_id": "m", "sequence": 2}],
            "notifications.meetings": [{"_id": "t", "sequence": 2}],
            "matching.matches": [{"_id": "m"}],
            "matching.meetings": [booked],
            "matching.claims": claims,
            "notifications.entries": told,
            "notifications.deliveries": sent,
            "witness.tallies": [{"_id": what, "total": n} for what, n in (("records", 4), ("events", 2), ("jobs", 2))],
        },
        mails=[Mail(delivery["mail_id"], 1) for delivery in sent],
        records=4,
    )


def with_a_plan(world: Evidence) -> Evidence:
    """The same meeting, booked by a plan at a table, of which both have one notice; another pair was refused."""
    plan = {"forum_id": "f", "plan": 1}
    world.events["meetings"] = [event("magpie.meeting.booked", "t", 1, {**MEETING, **plan})]
    world.state["notifications.meetings"][0].update(sequence=1)
    world.state["matching.meetings"][0].update(match_id="m", resources=["table/f/A-1"], change_over=10, **plan)
    holders = ("member/hanbit/kim", "member/huaqiao/wang", "table/f/A-1")
    world.state["matching.claims"] = [
        {"_id": f"{holder}/2026-12-01T01:{minute}Z", "meeting_id": "t"}
        for holder in holders
        for minute in ("00", "10", "20")
    ]
    meetings = [{"match_id": "m"}, {"match_id": "n"}]
    world.state["matching.forum_plans"] = [
        {"_id": "f/0001", "forum_id": "f", "number": 1, "state": "published", "meetings": meetings},
        {"_id": "f/0002", "forum_id": "f", "number": 2, "state": "draft", "meetings": meetings},
    ]
    world.state["matching.publications"] = [{"_id": "f/0001", "booked": 1, "refused": {"n": "taken"}}]
    for collection in ("entries", "deliveries"):
        for n, to in ((2, "kim"), (3, "wang")):
            about = {"template": "forum.planned", "about": {"forum_id": "f", "plan": "1"}, "event_id": f"day-{to}"}
            world.state[f"notifications.{collection}"][n].update(about)
    return world


def judged(change: Any) -> Verdict:
    world = copy.deepcopy(evidence())
    change(world)
    return judge(history(), world, RECIPIENTS)


def test_a_world_in_which_all_went_right_is_clean() -> None:
    assert judged(lambda world: None).is_clean


PLANNED = History(revisions={"p-kr": ["one", "two"]})


def test_a_plan_that_was_published_is_clean() -> None:
    found = judge(PLANNED, with_a_plan(evidence()), RECIPIENTS)
    assert found == Verdict()


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("lost", lambda w: w.state["matching.publications"][0]["refused"].clear()),
        ("lost", lambda w: w.state["matching.claims"].pop()),
        ("lost", lambda w: w.state["notifications.entries"].pop()),
        ("doubled", lambda w: w.state["notifications.entries"].append(w.state["notifications.entries"][3])),
        ("doubled", lambda w: w.state["matching.meetings"].append({**w.state["matching.meetings"][0], "_id": "u"})),
        ("doubled", lambda w: w.state["matching.publications"][0].update(booked=2)),
        ("stuck", lambda w: w.state["matching.forum_plans"][0].update(state="publishing")),
    ],
)
def test_what_went_wrong_with_a_plan_is_found(column: str, change: Any) -> None:
    world = with_a_plan(evidence())
    change(world)
    assert getattr(judge(PLANNED, world, RECIPIENTS), column)


def test_an_exact_repeat_before_anything_newer_is_allowed() -> None:
    assert judged(lambda world: world.events["meetings"].append(world.events["meetings"][1])).is_clean


def test_a_mail_that_comes_again_and_says_so_is_allowed() -> None:
    assert judged(lambda world: world.mails.append(Mail("d-1", 2))).is_clean


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("lost", lambda w: w.events["profiles"].pop(2)),
        ("lost", lambda w: w.events["matches"].pop(1)),
        ("lost", lambda w: w.events["meetings"].pop(1)),
        ("lost", lambda w: w.state["notifications.entries"].pop()),
        ("lost", lambda w: w.state["matching.claims"].pop()),
        ("lost", lambda w: w.state["matching.matches"].pop()),
        ("lost", lambda w: w.state["notifications.matches"][0].update(sequence=1)),
        ("lost", lambda w: w.state["matching.meetings"][0].update(state="requested")),
        ("doubled", lambda w: w.state["notifications.entries"].append(w.state["notifications.entries"][0])),
        (
            "doubled",
            lambda w: w.state["matching.claims"].append(
                {"_id": "member/hanbit/kim/2026-12-01T02:00Z", "meeting_id": "t"}
            ),
        ),
        ("doubled", lambda w: w.events["meetings"].append(event("magpie.meeting.booked", "t", 3, MEETING))),
        ("doubled", lambda w: w.events["matches"].append(Event("other", "magpie.match.agreed", "m", 2, BOTH))),
        (
            "doubled",
            lambda w: w.events["profiles"].append(event("magpie.profile.updated", "p-kr", 5, {"names": {"en": "two"}})),
        ),
        ("doubled", lambda w: w.state["matching.meetings"].append({**w.state["matching.meetings"][0], "_id": "u"})),
        ("disordered", lambda w: w.events["meetings"].append(w.events["meetings"][0])),
        ("lost", lambda w: w.state["witness.tallies"][0].update(total=3)),
        ("doubled", lambda w: w.state["witness.tallies"][1].update(total=3)),
        ("doubled", lambda w: w.state["witness.tallies"][2].update(total=3)),
        ("lost", lambda w: w.state["notifications.deliveries"].pop()),
        ("lost", lambda w: w.state["notifications.deliveries"][0].update(state="attempting")),
        ("lost", lambda w: w.state["notifications.deliveries"][0].update(state="failed")),
        ("lost", lambda w: w.state["notifications.deliveries"][0].update(state="queued")),
        ("lost", lambda w: w.mails.pop()),
        ("doubled", lambda w: w.state["notifications.deliveries"].append(w.state["notifications.deliveries"][0])),
        ("doubled", lambda w: w.mails.append(w.mails[0])),
        ("doubled", lambda w: w.mails.append(Mail("nobody's", 1))),
        ("stuck", lambda w: w.waiting.append("outbox row")),
        ("stuck", lambda w: w.dead.append("dead letter")),
    ],
)
def test_what_went_wrong_is_found(column: str, change: Any) -> None:
    assert getattr(judged(change), column)
