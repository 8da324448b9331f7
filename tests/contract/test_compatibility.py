"""K14: what breaks readers of a release does not pass, although schemas are generated again and examples mended; what
does not break them passes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas import compatibility, generate
from schemas.compatibility.releases import Refused, digest_errors, release
from schemas.registry import PAGES
from tests.contract.planted import (
    Edit,
    Judges,
    Plant,
    added,
    changed,
    kinds,
    nested_without,
    plant_in,
    renamed,
    without,
)

MATCHES, MEETINGS, PAGE = "matches.py", "meetings.py", "topics/{}.yaml"
OF_MATCHES = "Readers of matches (notifications, partners by grant)"
HEADER_PAGES = ("topics/calendars.yaml", "topics/[mnpt]*.yaml")


def page(topic: str, old: str, new: str) -> tuple[Edit]:
    return (Edit(PAGE.format(topic), old, new),)


def in_headers(old: str, new: str) -> tuple[Edit, ...]:
    return tuple(Edit(files, old, new) for files in HEADER_PAGES)


PAUSED = '''class MatchPaused(MatchState):
    """It waits."""

    event_type: ClassVar[str] = "magpie.match.paused"
'''
BREAKS = [
    Plant(
        "a field is removed",
        (Edit(MATCHES, "    accepted_by: list[ProfileId] = []\n", ""),),
        f"magpie.match.agreed: `accepted_by` is gone (released in {{}}). {OF_MATCHES}: they look for it and find "
        "nothing. Keep it and add the new one beside it; to end it, write matches.v2 beside matches and announce the "
        "end of matches.",
        without("accepted_by"),
    ),
    Plant(
        "a nested field is removed",
        (
            Edit(
                "common.py",
                '    topics: Annotated[list[str], Field(description="Open slugs; an unknown one is stored and scores '
                'nothing.")] = []\n',
                "",
            ),
        ),
        "magpie.profile.published: `offers[].topics` is gone",
        nested_without("topics"),
    ),
    Plant(
        "a field is renamed",
        (Edit(MATCHES, "    score: Annotated", "    fit_score: Annotated"),),
        "magpie.match.agreed: `score` is gone; `fit_score` is new, and a new name is another field",
        renamed("score", "fit_score"),
    ),
    Plant(
        "a type is changed",
        (Edit(MEETINGS, "    ical_sequence: Count = 0", '    ical_sequence: str = "0"'),),
        "magpie.meeting.booked: `ical_sequence` was integer and may now be string",
        changed("ical_sequence", str),
    ),
    Plant(
        "a type is narrowed",
        (Edit(MATCHES, "    score: Annotated[float", "    score: Annotated[int"),),
        "magpie.match.agreed: `score` was number and may no longer be number",
        changed("score", lambda _: 1),
    ),
    Plant(
        "a type is widened",
        (Edit(MATCHES, "    match_id: str\n", "    match_id: str | int\n"),),
        "magpie.match.agreed: `match_id` was string and may now be integer",
    ),
    Plant(
        "a field is no longer always there",
        (Edit(MATCHES, "    match_id: str\n", '    match_id: str = ""\n'),),
        "magpie.match.agreed: `match_id` is no longer always there",
    ),
    Plant(
        "a new field is required",
        (Edit(MEETINGS, "    asked_by: ProfileId\n    start", "    asked_by: ProfileId\n    zone: str\n    start"),),
        "magpie.meeting.booked: `zone` is new and required",
        added("meeting_id", "zone", "Asia/Seoul"),
    ),
    Plant(
        "an optional field is required",
        (Edit("translations.py", "    ] = []\n", "    ]\n"),),
        "magpie.text.translated: `flags` is now required",
    ),
    Plant(
        "a bound is tighter",
        (Edit("calendars.py", "max_length=40", "max_length=20"),),
        "magpie.calendar.updated: `version` had maxLength 40 and has 20 (released in {}). Readers of calendars "
        "(notifications, every subscriber outside): they refuse the events that are on the topic already",
    ),
    Plant(
        "a bound is looser",
        (Edit("calendars.py", "MAX_COUNTRIES = 20", "MAX_COUNTRIES = 50"),),
        "magpie.calendar.updated: `days` had maxProperties 20 and has 50",
    ),
    Plant(
        "a kind is removed",
        (Edit("common.py", '    "pilot",\n', ""),),
        "magpie.profile.published: `offers[].kind` no longer lists the value `pilot`",
        kinds("pilot", "product"),
    ),
    Plant(
        "an end is removed",
        (Edit(MEETINGS, '    "no_longer_fits",\n', ""),),
        "magpie.meeting.booked: `reason` no longer lists the value `no_longer_fits`",
    ),
    Plant(
        "a reason is removed",
        (Edit("notifications.py", '    "too_late",\n', ""),),
        "magpie.notification.failed: `reason` no longer lists the value `too_late`",
    ),
    Plant(
        "an event is removed",
        (
            Edit(MATCHES, "    MatchExpired,\n", ""),
            *page("matches", "  - magpie.match.expired\n", ""),
        ),
        "magpie.match.expired is no longer an event of matches",
        moved=("examples/magpie.match.expired/example.json", ""),
    ),
    Plant(
        "a header is renamed",
        (
            Edit("headers.py", '"ce_correlationid"', '"ce_correlation"'),
            *in_headers("ce_correlationid", "ce_correlation"),
        ),
        "header ce_correlationid of an event is gone (released in {}). All readers of all topics: they look for it",
    ),
    Plant(
        "a header has another form",
        (Edit("headers.py", "^[0-9]{20}$", "^[0-9]{1,20}$"),),
        "header ce_sequence of an event was pattern ^[0-9]{20}$, type string and is pattern ^[0-9]{1,20}$, type string",
    ),
    Plant(
        "a header is no longer in every record",
        (Edit("headers.py", '"ce_causationid"', '"ce_causationid?"'),),
        "header ce_causationid of an event is no longer in every record",
    ),
    Plant(
        "a page no longer promises a header",
        (
            Edit("topics/profiles.yaml", "   ce_causationid]", "   ce_causationid2]"),
            Edit("topics/profiles.yaml", "[traceparent", "[ce_causationid, traceparent"),
        ),
        "topic profiles lists the header ce_causationid as optional",
    ),
    Plant(
        "a retention is shorter",
        page("matches", "retention_days: 30", "retention_days: 7"),
        "topic matches changes its retention_days from 30 to 7",
    ),
    Plant(
        "an erasure can be read for a shorter time",
        page("profiles", "delete_retention_days: 30", "delete_retention_days: 1"),
        "topic profiles changes its delete_retention_days from 30 to 1",
    ),
    Plant(
        "there are more partitions",
        page("meetings", "partitions: 12", "partitions: 24"),
        "topic meetings changes its partitions from 12 to 24",
    ),
    Plant(
        "a topic is compacted",
        page("meetings", "cleanup: delete\nretention_days: 90", "cleanup: compact\ndelete_retention_days: 90"),
        "topic meetings changes its cleanup from delete to compact",
    ),
    Plant(
        "a classification is wider",
        page("matches", "classification: by grant", "classification: public"),
        "topic matches changes its classification from `by grant` to `public` (released in {}). Its readers "
        "(notifications, partners by grant): what they were told is for partners by grant alone is then read by every "
        "subscriber outside. Publish what all may see on a topic of its own.",
    ),
    Plant(
        "a classification is narrower",
        page("profiles", "classification: public", "classification: by grant"),
        "topic profiles changes its classification from `public` to `by grant` (released in {}). Its readers "
        "(matching, translation, notifications, every subscriber outside): they may no longer read it",
    ),
    Plant(
        "a key is another one",
        page("translations", "key: text_id:language", "key: text_id"),
        "topic translations changes its key from text_id:language to text_id",
    ),
    Plant(
        "records may be larger",
        page("profiles", "max_record_bytes: 1048576", "max_record_bytes: 2097152"),
        "topic profiles changes its max_record_bytes from 1048576 to 2097152",
    ),
    Plant(
        "a promise is taken back",
        page("matches", "  - It holds no text of a profile, so no erasure has to reach it.\n", ""),
        "topic matches no longer promises: It holds no text of a profile, so no erasure has to reach it. (released",
    ),
    Plant(
        "an optional header is no longer promised",
        page("matches", "optional_headers: [traceparent]", "optional_headers: []"),
        "topic matches no longer lists the optional header traceparent",
    ),
    Plant(
        "a vocabulary of readers is closed",
        (Edit("common.py", "Lang = Annotated[str, known(*LANGUAGES),", 'Lang = Annotated[Literal["ko", "zh", "en"],'),),
        "magpie.profile.published: `offers[].text.lang` no longer takes values that its vocabulary does not list",
    ),
    Plant(
        "a topic has another producer",
        page("translations", "producer: translation", "producer: profiles"),
        "topic translations changes its producer from translation to profiles",
    ),
    Plant(
        "a topic is called otherwise",
        page("calendars", "name: calendars", "name: holidays"),
        "topic calendars is gone",
        moved=("topics/calendars.yaml", "topics/holidays.yaml"),
    ),
]
ALLOWED = [
    Plant(
        "a new optional field",
        (Edit(MATCHES, "    match_id: str\n", "    match_id: str\n    note: str | None = None\n"),),
    ),
    Plant(
        "a new optional field of an entry",
        (Edit("common.py", "    text: Text\n", "    text: Text\n    rank: int = 0\n"),),
    ),
    Plant("a new kind", (Edit("common.py", '    "pilot",\n', '    "pilot",\n    "licence",\n'),)),
    Plant("a new state", (Edit(MEETINGS, ', "no_show")', ', "no_show", "moved")'),)),
    Plant(
        "a new event",
        (
            Edit(MATCHES, "STATES: tuple", PAUSED + "\n\nSTATES: tuple"),
            Edit(MATCHES, "    MatchAgreed,\n", "    MatchAgreed,\n    MatchPaused,\n"),
            *page("matches", "events:\n", "events:\n  - magpie.match.paused\n"),
        ),
        copied=("examples/magpie.match.withdrawn/example.json", "examples/magpie.match.paused/example.json"),
    ),
    Plant("another description", (Edit(MATCHES, "The two profiles, sorted by id.", "Both profiles, by id."),)),
    Plant("another consumer", page("matches", "consumers: [notifications]", "consumers: [notifications, reports]")),
    Plant(
        "a new header",
        (
            Edit("headers.py", '    "traceparent?"', '    "tracestate?": _TEXT,\n    "traceparent?"'),
            *in_headers("[traceparent", "[tracestate, traceparent"),
        ),
    ),
    Plant(
        "an announced end",
        page(
            "matches",
            "deprecations: []",
            "deprecations:\n  - {what: topic, instead: matches.v2, announced: 2027-01-01, ends: 2028-01-01}",
        ),
    ),
    Plant("more to rely on", page("matches", "rely_on:\n", "rely_on:\n  - It is read in a second.\n")),
    Plant("records may be smaller", page("profiles", "max_record_bytes: 1048576", "max_record_bytes: 524288")),
    Plant("another contact", page("matches", '"@magpie/contract"', '"@magpie/matching"')),
    Plant("a new topic", (), copied=("topics/retry.matching.yaml", "topics/retry.reports.yaml")),
    Plant("another class in Python", (Edit(MEETINGS, "Venue", "Place"),)),
]


@pytest.fixture(scope="module")
def judges() -> Iterator[Judges]:
    found = Judges()
    yield found
    found.close()


def test_what_is_committed_breaks_no_release() -> None:
    assert compatibility.digest_errors() + compatibility.breaks_of(generate.present()) == []
    assert compatibility.versions()[0] == "1.0" and len(BREAKS) >= 16 and len(ALLOWED) >= 10


@pytest.mark.parametrize("plant", BREAKS, ids=lambda plant: plant.name)
def test_a_break_is_red_by_its_own_sentence_and_by_nothing_else(plant: Plant, judges: Judges, tmp_path: Path) -> None:
    plant_in(tmp_path, plant)
    found = judges.ask(tmp_path)
    assert found["beside"] == [], "schemas are generated again, and the examples are valid"
    expected = plant.said.replace("(released in {})", f"(released in {' and '.join(compatibility.versions())})")
    assert [line for line in found["said"] if line.startswith(expected)], found["said"]


@pytest.mark.parametrize("plant", ALLOWED, ids=lambda plant: plant.name)
def test_what_breaks_no_one_is_green(plant: Plant, judges: Judges, tmp_path: Path) -> None:
    plant_in(tmp_path, plant)
    assert judges.ask(tmp_path) == {"beside": [], "said": []}


def test_an_announced_end_may_come_on_its_day_and_not_before() -> None:
    today = generate.present()
    ending = {"what": "magpie.match.expired", "instead": "x", "announced": "2027-01-01", "ends": "2027-07-01"}

    def with_page(**said: Any) -> compatibility.Contract:
        return replace(today, pages={**today.pages, "matches": {**today.pages["matches"], **said}})

    released = with_page(deprecations=[ending])
    without_it = with_page(events=[name for name in today.pages["matches"]["events"] if name != ending["what"]])
    on_the_day = list(compatibility.compared(released, without_it, on=dt.date(2027, 7, 1)))
    (too_early,) = compatibility.compared(released, without_it, on=dt.date(2027, 6, 30))
    assert on_the_day == [] and too_early.where == "magpie.match.expired"


def test_a_release_never_changes(tmp_path: Path) -> None:
    folder = tmp_path / "released"
    release("1.0", generate.documents(), {}, {}, folder)
    assert digest_errors(folder) == []
    schema = folder / "1.0" / "v1" / "reader" / "magpie.match.agreed.json"
    schema.write_text(schema.read_text().replace("score", "fit_score"))
    (sentence,) = digest_errors(folder)
    assert sentence == "schemas/released/1.0: a release never changes, and this one has. Restore it from the history."


def test_a_release_is_refused_where_it_breaks_readers_is_no_later_one_or_says_nothing_new(tmp_path: Path) -> None:
    folder, pages, documents = tmp_path / "released", compatibility.pages_in(PAGES), generate.documents()
    release("1.0", documents, pages, {}, folder)
    for version, why in (("1.0", "does not come after"), ("0.9", "does not come after"), ("2", "two numbers")):
        with pytest.raises(Refused, match=why):
            release(version, documents, pages, {}, folder)
    with pytest.raises(Refused, match="Nothing has changed since"):
        release("1.1", documents, pages, {}, folder)
    path = "v1/reader/magpie.match.agreed.json"
    broken = {**documents, path: documents[path].replace('"score"', '"fit_score"')}
    with pytest.raises(Refused, match="is new and required"):
        release("1.1", broken, pages, {}, folder)
    page = yaml.safe_load(pages["matches"]) | {"contact": "@magpie/others"}
    release("1.1", documents, pages | {"matches": json.dumps(page)}, {}, folder)
    assert digest_errors(folder) == []
    shorter = pages | {"matches": pages["matches"].replace("retention_days: 30", "retention_days: 3")}
    with pytest.raises(Refused, match=r"released in 1\.0 and 1\.1"):
        release("1.2", documents, shorter, {}, folder)
