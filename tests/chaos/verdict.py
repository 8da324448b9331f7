"""What was acknowledged against what is there: losses, doubles, disorders. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from .evidence import Event, Evidence
from .people import History

STEP = dt.timedelta(minutes=10)
TOLD_TO_BOTH = {
    "magpie.match.agreed": "match.agreed",
    "magpie.meeting.booked": "meeting.booked",
    "magpie.meeting.rescheduled": "meeting.rescheduled",
}
BOOKED, PLANNED = "magpie.meeting.booked", "forum.planned"
"""The one notice of all meetings of a plan, instead of one for each."""


@dataclass
class Verdict:
    """Each in sentences; all empty when nothing was lost, doubled or put out of order."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    """Acts of operators that were not seen, or not whole, in time."""

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.disordered or self.stuck or self.unseen)


def judge(history: History, evidence: Evidence, recipients: dict[str, str]) -> Verdict:
    """`recipients`: by profile, who registered before anything was published."""
    found = Verdict()
    _logs(evidence, found)
    _revisions(history, evidence, found)
    _answers(history, evidence, found)
    _meetings(history, evidence, found)
    _claims(evidence, found)
    _plans(evidence, found)
    _notices(evidence, recipients, found)
    _mails(evidence, found)
    _projections(evidence, found)
    _witness(evidence, found)
    found.stuck += evidence.dead + evidence.waiting
    return found


def _logs(evidence: Evidence, found: Verdict) -> None:
    """Consecutive sequences; an older event after a newer one only as an exact repeat before anything newer."""
    for topic, events in evidence.events.items():
        by_key: dict[str, list[Event]] = {}
        for event in events:
            by_key.setdefault(event.key, []).append(event)
        for key, log in by_key.items():
            ids: dict[int, str] = {}
            for event in log:
                if ids.setdefault(event.sequence, event.id) != event.id:
                    found.doubled.append(f"{topic}/{key}: two events have sequence {event.sequence}")
            if topic not in evidence.holed and sorted(ids) != list(range(1, max(ids) + 1)):
                found.lost.append(f"{topic}/{key}: sequences {sorted(ids)}")
            last = {event.sequence: place for place, event in enumerate(log)}
            if sorted(last, key=last.__getitem__) != sorted(last):
                found.disordered.append(f"{topic}/{key}: {[event.sequence for event in log]}")


def _revisions(history: History, evidence: Evidence, found: Verdict) -> None:
    logs = evidence.once("profiles")
    for profile, names in history.revisions.items():
        updates = [e for e in logs.get(profile, []) if e.type == "magpie.profile.updated"]
        told = Counter(e.body["names"].get("en") for e in updates)
        found.lost += [f"revision {name} of {profile}" for name in names if not told[name]]
        found.doubled += [f"revision {name} of {profile}" for name, n in told.items() if n > 1]
        if [e.body["names"].get("en") for e in updates] != names and not found.lost:
            found.disordered.append(f"revisions of {profile}")


def _answers(history: History, evidence: Evidence, found: Verdict) -> None:
    logs = evidence.once("matches")
    for match, side in history.accepted:
        log = logs.get(match, [])
        if not any(side in e.body["accepted_by"] for e in log):
            found.lost.append(f"{side} accepted {match}")
    for match in history.declined:
        _exactly_one(logs.get(match, []), "magpie.match.declined", f"{match} was declined", found)
    for match in history.asked:
        _exactly_one(logs.get(match, []), "magpie.match.proposed", f"{match} was asked for", found)
    states = {doc["_id"]: doc for doc in evidence.state.get("matching.matches", [])}
    found.lost += [f"match {m} is not in its database" for m, _ in history.accepted if m not in states]


def _meetings(history: History, evidence: Evidence, found: Verdict) -> None:
    logs = evidence.once("meetings")
    for meeting in history.requested:
        if not logs.get(meeting):
            found.lost.append(f"meeting {meeting} was asked for")
    for meeting in history.booked:
        _exactly_one(logs.get(meeting, []), "magpie.meeting.booked", f"{meeting} was booked", found)
    for meeting, sequence in history.moved:
        if not any(e.body["ical_sequence"] == sequence for e in logs.get(meeting, [])):
            found.lost.append(f"{meeting} was moved ({sequence})")
    for meeting in history.cancelled:
        _exactly_one(logs.get(meeting, []), "magpie.meeting.cancelled", f"{meeting} was cancelled", found)
    _meeting_states(history, evidence, found)


def _meeting_states(history: History, evidence: Evidence, found: Verdict) -> None:
    states = {doc["_id"]: doc for doc in evidence.state.get("matching.meetings", [])}
    for meeting in history.cancelled:
        if states.get(meeting, {}).get("state") != "cancelled":
            found.lost.append(f"{meeting} was cancelled")
    for meeting in history.booked - history.cancelled:
        if states.get(meeting, {}).get("state") not in ("booked", "cancelled"):
            found.lost.append(f"{meeting} was booked")


def _exactly_one(log: Iterable[Event], type: str, what: str, found: Verdict) -> None:
    n = sum(event.type == type for event in log)
    if n == 0:
        found.lost.append(what)
    elif n > 1:
        found.doubled.append(what)


def _claims(evidence: Evidence, found: Verdict) -> None:
    wanted: dict[str, str] = {}
    for meeting in evidence.state.get("matching.meetings", []):
        at, end = meeting["start"], meeting["end"] + dt.timedelta(minutes=meeting.get("change_over", 0))
        while meeting["state"] == "booked" and at < end:
            keys = {f"member/{meeting['owners'][side]}/{member}" for side, member in meeting["sides"].items()}
            for key in sorted({*keys, *meeting.get("resources", [])}):
                claim = f"{key}/{at:%Y-%m-%dT%H:%MZ}"
                if claim in wanted:
                    found.doubled.append(f"two booked meetings have {claim}")
                wanted[claim] = meeting["_id"]
            at += STEP
    held = {claim["_id"]: claim["meeting_id"] for claim in evidence.state.get("matching.claims", [])}
    found.lost += [f"claim {claim}" for claim in sorted(wanted.keys() - held.keys())]
    found.doubled += [f"orphan claim {claim}" for claim in sorted(held.keys() - wanted.keys())]


def _plans(evidence: Evidence, found: Verdict) -> None:
    """Each meeting of a publication is booked once, or has a reason why not."""
    meetings = evidence.state.get("matching.meetings", [])
    booked = Counter((m["forum_id"], m["plan"], m["match_id"]) for m in meetings if m.get("plan") is not None)
    found.doubled += [
        f"{match} was booked twice by plan {n} of {forum}" for (forum, n, match), c in booked.items() if c > 1
    ]
    progress = {doc["_id"]: doc for doc in evidence.state.get("matching.publications", [])}
    for plan in evidence.state.get("matching.forum_plans", []):
        if (done := progress.get(plan["_id"])) is None:
            continue
        if plan["state"] != "published":
            found.stuck.append(f"plan {plan['_id']} is {plan['state']}")
        for one in plan["meetings"]:
            key = (plan["forum_id"], plan["number"], one["match_id"])
            if key not in booked and one["match_id"] not in done["refused"]:
                found.lost.append(f"the meeting of {one['match_id']} in plan {plan['_id']}")
        if done["booked"] != sum(key[:2] == (plan["forum_id"], plan["number"]) for key in booked):
            found.doubled.append(f"plan {plan['_id']} says that it booked {done['booked']}")


def _notices(evidence: Evidence, recipients: dict[str, str], found: Verdict) -> None:
    """One per event, recipient and channel: of whatever is told to both sides, exactly; of the rest, at most."""
    for channel in ("entries", "deliveries"):
        told = Counter((n["event_id"], n["recipient_id"]) for n in evidence.state.get(f"notifications.{channel}", []))
        days = Counter(
            (f"{n['about']['forum_id']}/{n['about']['plan']}", n["recipient_id"])
            for n in evidence.state.get(f"notifications.{channel}", [])
            if n.get("template") == PLANNED
        )
        for notices in (told, days):
            found.doubled += [f"{channel}: notice of {what} to {to}" for (what, to), n in notices.items() if n > 1]
        for topic in ("matches", "meetings"):
            for log in evidence.once(topic).values():
                for event in log:
                    if event.type not in TOLD_TO_BOTH:
                        continue
                    plan = _plan_of(event)
                    where = days if plan is not None else told
                    missing = [p for p in event.body["parties"] if not where[plan or event.id, recipients[p]]]
                    found.lost += [f"{channel}: notice of {event.type} {event.key} to {party}" for party in missing]
    sent = Counter(
        event.body["notification_id"]
        for log in evidence.once("notifications").values()
        for event in log
        if event.type == "magpie.notification.sent"
    )
    found.doubled += [f"sent twice: {id}" for id, n in sent.items() if n > 1]


def _plan_of(event: Event) -> str | None:
    """The plan by which a meeting was booked, as `days` names it."""
    body = event.body
    return f"{body['forum_id']}/{body['plan']}" if event.type == BOOKED and body.get("plan") else None


def _mails(evidence: Evidence, found: Verdict) -> None:
    """SMTP cannot say whether a mail has arrived whose connection broke, or whose sender was killed before it noted
    the answer: it comes again under its Message-ID and says so. Twice without saying so is a double."""
    arrived: dict[str, list[int]] = {}
    for mail in evidence.mails:
        arrived.setdefault(mail.id, []).append(mail.attempt)
    deliveries = evidence.state.get("notifications.deliveries", [])
    for delivery in deliveries:
        state, waits = delivery["state"], delivery["template"] not in TOLD_TO_BOTH.values()  # for the next digest
        went = state == "suppressed" or (state == "sent" and delivery["mail_id"] in arrived)
        if not (went or (state == "queued" and waits)):
            found.lost.append(
                f"mail {delivery['_id']} is {state} ({delivery.get('reason')}, {delivery.get('attempts')} tries)"
            )
    carried = {delivery.get("mail_id") for delivery in deliveries}
    found.doubled += [f"mail {id} of nothing" for id in sorted(arrived.keys() - carried)]
    found.doubled += [f"mail {id} came as {attempts}" for id, attempts in arrived.items() if attempts.count(1) > 1]


def _projections(evidence: Evidence, found: Verdict) -> None:
    """What a reader keeps of a topic is what the topic says last."""
    for topic, readers in {
        "profiles": ("matching.profiles", "notifications.profiles", "translation.profiles"),
        "matches": ("notifications.matches",),
        "meetings": ("notifications.meetings",),
        "calendars": ("notifications.holidays",),
        "translations": ("notifications.translations",),
    }.items():
        last = {key: log[-1].sequence for key, log in evidence.once(topic).items()}
        for reader in readers:
            rows = {row["_id"]: row["sequence"] for row in evidence.state.get(reader, [])}
            found.lost += [
                f"{reader} has {key} at {rows.get(key)}, not {n}" for key, n in last.items() if rows.get(key) != n
            ]


def _witness(evidence: Evidence, found: Verdict) -> None:
    """What counts, counts each once."""
    counted = {tally["_id"]: tally["total"] for tally in evidence.state.get("witness.tallies", [])}
    events = len({event.id for event in evidence.events["matches"]})
    for what, there in {"records": evidence.records, "events": events, "jobs": events}.items():
        column = found.lost if counted.get(what, 0) < there else found.doubled
        if counted.get(what, 0) != there:
            column.append(f"the witness counted {counted.get(what, 0)} {what}, there are {there}")
