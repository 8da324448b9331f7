"""What is shown, and what is understood, without any server."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.local.services import OPERATIONS_STEP, PORTS
from services.chassis.kafka_in import DeadLetter, retry_row, why_not_to_resend
from services.chassis.kafka_in.dead_letters import MAX_RECORD_BYTES, MAX_RESENT, NoOrigin, Origin
from services.operate import acts, commands, installation, views
from services.operate.arguments import MAX_ROWS, ids_by_service, parser
from services.operate.commands import main
from services.operate.letters import Found
from services.operate.looks import QUOTAS, Look, quotas_hit, said
from services.operate.status import Row
from services.operate.store import Waiting

HEADERS = (("ce_id", b"e1"), ("ce_type", b"magpie.profile.updated"), ("dlq_reason", b"Refused: no"))
LETTER = DeadLetter(
    partition=2,
    offset=17,
    at=1_780_000_000_000,
    key=b"kim@example.org",
    value=b'{"name": "SECRET"}',
    headers=HEADERS,
    origin=Origin("magpie.profiles.v1", 4, 9),
    reason="Refused: no",
    cut_from=None,
)
READABLE = frozenset({"magpie.profiles.v1"})


def test_the_table_of_services_is_that_of_the_local_system() -> None:
    assert installation.PORTS == PORTS and installation.OPERATIONS_OFFSET == OPERATIONS_STEP


@pytest.mark.parametrize("found", [Found("matching", LETTER), Found("matching", replace(LETTER, origin=None))])
def test_a_list_holds_no_key_no_value_and_no_free_header(found: Found) -> None:
    odd = replace(found, letter=replace(found.letter, headers=(("ce_id", b"kim lee"), ("ce_type", b"SECRET text"))))
    for one in (found, odd):
        said = json.dumps(views.letter_json(one)) + views.letters_text([views.letter_json(one)])
        assert "SECRET" not in said and "kim" not in said
    assert "SECRET" not in views.details_text(views.letter_details(found, value=False))
    assert "SECRET" in views.details_text(views.letter_details(found, value=True))


@pytest.mark.parametrize("words", ["jobs list --limit {}", "trace 01a22c75-e154 --hours {}"])
@pytest.mark.parametrize("number", ["0", "000000001999999999", "0000000019999999", "９", "-1", "1e3", ""])
def test_a_number_is_bounded_as_a_whole(words: str, number: str) -> None:
    """Leading zeros once hid what follows the first nine digits."""
    with pytest.raises(SystemExit):
        parser().parse_args(words.format(number).split(" "))
    assert parser().parse_args(words.format("0020").split(" "))


def test_a_list_that_is_full_asks_no_more_services(monkeypatch: pytest.MonkeyPatch) -> None:
    """MongoDB takes a limit of 0 as none at all."""
    asked = list[int]()

    class Full:
        def __init__(self, service: str, settings: Any) -> None: ...

        async def __aenter__(self) -> Full:
            return self

        async def __aexit__(self, *_: object) -> None: ...

        async def gaps(self, *, acknowledged: bool, limit: int) -> list[dict[str, Any]]:
            asked.append(limit)
            found = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
            gap = {"topic": "t", "partition": 0, "first": 1, "begin": 2, "reason": "retention", "found_at": found}
            return [gap | {"_id": f"g-{n}"} for n in range(limit)]

    monkeypatch.setattr(commands, "Store", Full)
    place: Any = SimpleNamespace(settings=None)
    asyncio.run(commands.run(parser().parse_args(["gaps", "list", "--limit", "2"]), place))
    assert asked == [3]


@pytest.mark.parametrize(
    "body",
    [
        '{"waits_for":null}',
        '{"waits_for":"kafka"}',
        '{"waits_for":{"a":1}}',
        '{"degraded":["x"]}',
        '{"degraded":null}',
        "[]",
        "1",
        "{",
        "[" * 100_000,
    ],
)
def test_what_is_no_answer_of_ours_is_named_as_that(body: str) -> None:
    with pytest.raises(ValueError):
        said(body)


@pytest.mark.parametrize("value", ["+Inf", "NaN", "x"])
def test_a_quota_that_is_no_count_is_no_answer_of_ours(value: str) -> None:
    with pytest.raises(ValueError):
        quotas_hit(f'# TYPE {QUOTAS.removesuffix("_total")} counter\n{QUOTAS}{{quota="q"}} {value}\n')


def test_bytes_are_escaped_and_cut() -> None:
    assert views.escaped(None, 5) is None and views.escaped(b"", 5) == ""
    assert views.escaped("서울\x1b[2J\r\n\u202e".encode(), 50) == "서울\\x1b[2J\\r\\n\\u202e"
    assert views.escaped(b"\xff\x9b", 50) is not None and "\x9b" not in str(views.escaped(b"\xff\x9b", 50))
    assert views.escaped(b"\xff\x9ba\\x", 50) == r"\xff\x9ba\\x", "and what is written like one is told apart"
    assert views.escaped(b"x" * 300, 5) == "xxxxx... (300 bytes)"
    assert views.escaped("가가가".encode(), 4) == "가... (9 bytes)", "no character is cut"
    assert views.line("김민수 (root)\u200b\u2066") == "김민수 (root)\\u200b\\u2066"
    assert views.line("\ud800") == "\\xed\\xa0\\x80", "half of a pair of characters"
    many = replace(LETTER, headers=[("h", b"v" * 9_000)] * 500)
    assert len(views.details_text(views.letter_details(Found("matching", many), value=True))) < 20_000


def test_a_digest_tells_letters_apart_and_knows_a_repetition() -> None:
    assert replace(LETTER, offset=18, at=1).digest == LETTER.digest
    others = [
        replace(LETTER, key=None),
        replace(LETTER, value=b""),
        replace(LETTER, value=None),
        replace(LETTER, headers=[*HEADERS, ("dlq_resent", b"1")]),
        replace(LETTER, headers=[("ce_id", None), *HEADERS[1:]]),
        replace(LETTER, headers=[("ce_ide1", b""), *HEADERS[1:]]),
    ]
    assert len({letter.digest for letter in (LETTER, *others)}) == len(others) + 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, None),
        ({"origin": None}, "does not say"),
        ({"origin": Origin("magpie.retry.matching", 0, 0)}, "does not say"),
        ({"cut_from": 2_000_000}, "2000000"),
        ({"origin": Origin("magpie.profiles.v1", 4, 9, MAX_RESENT)}, "5 times"),
        ({"value": b"x" * MAX_RECORD_BYTES}, "more than a topic takes"),
    ],
)
def test_what_is_not_sent_again_says_why(change: dict[str, Any], why: str | None) -> None:
    said = why_not_to_resend(replace(LETTER, **change), readable=READABLE)
    assert (said is None) if why is None else (said is not None and why in said)


def test_a_record_that_is_sent_again_is_as_it_was_with_its_origin() -> None:
    row = retry_row(LETTER, topic="magpie.retry.matching", by="ops", at=7)
    assert (row["topic"], row["key"], row["value"]) == ("magpie.retry.matching", LETTER.key, LETTER.value)
    assert [name for name, _ in row["headers"]] == [
        *("ce_id", "ce_type", "dlq_topic", "dlq_partition", "dlq_offset", "dlq_resent", "dlq_resent_by")
    ]
    assert retry_row(LETTER, topic="t", by="other", at=7)["_id"] == row["_id"], "the same letter is the same row"
    with pytest.raises(NoOrigin):
        retry_row(replace(LETTER, origin=None), topic="t", by="ops", at=7)


def test_one_screen() -> None:
    rows = [
        Row("profiles", reads=False, looks=[Look("u", True, "ok", {"rate": 2}), Look("v", False, "group joined")]),
        Row(
            "matching",
            looks=[Look("u", True, "degraded: kafka")],
            members=2,
            lag={"magpie.profiles.v1": 12, "magpie.retry.matching": 0},
            waiting=Waiting(3, 1.4, 10_000, 60.0, {"embed": 2}),
            letters=2000,
            letters_cut=True,
        ),
        Row("translation", notes=["Kafka: away"]),
    ]
    lines = views.status_text(rows).splitlines()
    assert lines[1].split() == ["profiles", "1", "of", "2", "-", "-", "?", "?", "?", "-", "2"]
    assert lines[2].split() == [
        *"matching 1 of 1 2 12 3 (1 s) 10000+ (60 s) 2 2000+ 0".split(),
    ]
    assert lines[3].split() == ["translation", *"????????"]
    assert lines[5:] == [
        "profiles: v is not ready: group joined",
        "profiles: quota rate: 2 times",
        "matching: u degraded: kafka",
        "matching: lag of magpie.profiles.v1: 12",
        "matching: dead jobs: embed 2",
        "translation: Kafka: away",
    ]
    assert json.dumps(views.status_json(rows))


def test_a_job_is_shown_without_its_payload() -> None:
    at = dt.datetime(2026, 8, 4, tzinfo=dt.UTC)
    doc = {"_id": "mail/x", "kind": "mail", "tries": 8, "dead": True, "died_at": at, "reason": "no\x1b", "payload": 1}
    said = views.job_json("notifications", doc)
    assert "payload" not in said and said["id"] == "notifications/mail/x"
    assert "no\\x1b" in views.jobs_text([said]) and views.jobs_text([]) == "No jobs."


def test_quotas_are_read_from_the_metrics() -> None:
    text = '# TYPE magpie_quota_refused_total counter\nmagpie_quota_refused_total{quota="rate"} 3\n'
    assert quotas_hit(text + 'magpie_quota_refused_total{quota="day"} 0\n') == {"rate": 3}


@pytest.mark.parametrize(
    "words",
    [
        "jobs retry",
        "jobs retry --all --kind mail",
        "jobs retry matching/x/y --all",
        "deadletters resend",
        "deadletters resend 2/17",
        "deadletters drop elsewhere/2/17",
        "deadletters show matching/2/17 matching/2/18",
        "deadletters list --limit 0",
        f"deadletters list --limit {MAX_ROWS + 1}",
        "status --at matching",
        "status --at matching=file:///etc/passwd",
        "deadletters resend " + " ".join(f"matching/0/{n}" for n in range(101)),
    ],
)
def test_what_is_not_understood_changes_nothing(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words.split())
    assert stopped.value.code == 2 and "error:" in capsys.readouterr().err


def test_ids_name_their_service() -> None:
    assert parser().parse_args(["deadletters", "show", "matching/2/17"]).id == ("matching", 2, 17)
    assert ids_by_service(["matching/embed/a/b", "matching/x/y"]) == {"matching": ["embed/a/b", "x/y"]}
    for odd in ("embed/a", "matching/", "matching"):
        with pytest.raises(ValueError, match="begins with its service"):
            ids_by_service([odd])


def test_the_operator_is_the_user_of_the_system_and_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    name = acts.operator()
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "someone-else")
    assert acts.operator() == name
    monkeypatch.setenv("SUDO_UID", "1000")
    assert acts.operator() == f"{name}, sudo of uid 1000"
    monkeypatch.setenv("SUDO_UID", "1000\nroot")
    assert acts.operator() == name


@pytest.mark.parametrize("contained", [True, False])
def test_in_a_container_an_operator_says_who_it_is(contained: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    user = acts.operator()
    if contained:
        monkeypatch.setenv(acts.IN_CONTAINER, "1")
        with pytest.raises(acts.Unnamed, match="--as NAME"):
            acts.operator()
    else:
        assert acts.operator() == user
    assert acts.operator("김지훈") == f"김지훈 ({user})"
    monkeypatch.setenv(acts.OPERATOR, "kim")
    assert acts.operator() == f"kim ({user})" and acts.operator("lee") == f"lee ({user})"


@pytest.mark.parametrize("name", ["-x", "1", "a\nb", "a" * 65, "root (sudo)", "<b>", "a\u202eb"])
def test_a_name_is_a_name(name: str) -> None:
    with pytest.raises(acts.Unnamed, match="1 to 64 letters"):
        acts.operator(name)


def test_an_act_is_one_line_of_json() -> None:
    out = io.StringIO()
    acts.log("deadletters drop", by="ops", letter="matching/2/17", to=out)
    line = json.loads(out.getvalue())
    assert out.getvalue().count("\n") == 1 and (line["act"], line["by"]) == ("deadletters drop", "ops")


def test_only_a_yes_is_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    acts.confirm("?", yes=True)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    acts.confirm("?", yes=False, ask=lambda prompt: "Yes\n")
    for answer in ("", "\n", "n", "yess", "maybe"):
        monkeypatch.setattr("sys.stdin.readline", lambda said=answer: said, raising=False)
        with pytest.raises(acts.NotSure):
            acts.confirm("?", yes=False)
