"""Files of organisers over HTTP: all of a file, or nothing and a report of every mistake."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from services.chassis.commit import unit_of_work
from services.matching import store
from services.matching.domain.forum_files import cells
from services.matching.sheets import CSV, XLSX, write_xlsx
from services.matching.usecases import import_file as imports
from tests.integration.matching.test_forums import announced, kind, published, register
from tests.integration.matching.test_rounds import organiser
from tests.support.days import FIRST_DAY
from tests.support.forums import forum_body
from tests.support.services import Running
from tests.support.turns import part_held

HEAD = "profile_id,member_id,attendance,arrives,leaves,languages,minimum,maximum,must_meets\n"
GOOD = HEAD + f"p-kr,kim-1,현장,{FIRST_DAY} 09:30,,ko,1,6,p-cn\np-cn,wang-1,线上,,,zh,,,\n"


async def sent(matching: Running, forum: str, body: str | bytes, *, type: str = CSV, **query: str) -> httpx2.Response:
    data = body.encode() if isinstance(body, str) else body
    kic = organiser(matching)
    return await kic.post(f"{forum}/import", content=data, headers={"Content-Type": type}, params=query)


async def exported(matching: Running, forum: str, **query: str) -> bytes:
    answer = await organiser(matching).get(f"{forum}/export", params=query)
    assert answer.status_code == 200, answer.text
    return answer.content


def counts(answer: httpx2.Response) -> tuple[int, int, int]:
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found["added"], found["changed"], found["unchanged"]


async def state(matching: Running) -> dict[str, Any]:
    """Everything that an import may write, but for what the commit counts."""
    database = matching.service.database.db
    names = ("forums", "registrations", "rosters", "desks", "outbox")
    return {name: await database[name].find({}, {"guard": 0, "at": 0}).sort("_id", 1).to_list(None) for name in names}


async def test_participants_come_from_a_file_and_the_same_file_again_changes_nothing(matching: Running) -> None:
    forum, _ = await announced(matching, state="announced"), await published(matching)
    assert counts(await sent(matching, forum, GOOD, kind="participants")) == (2, 0, 0)
    kic = organiser(matching)
    one = (await kic.get(f"{forum}/registrations/p-kr")).json()
    assert one["delegates"][0]["arrives_at"] == f"{FIRST_DAY}T00:30:00Z"
    assert (one["minimum"], one["maximum"], one["must_meets"]) == (1, 6, ["p-cn"])
    await matching.drained()
    before = await state(matching)
    assert counts(await sent(matching, forum, GOOD, kind="participants")) == (0, 0, 2)
    assert await state(matching) == before
    assert counts(await sent(matching, forum, GOOD.replace(",1,6,", ",2,6,"), kind="participants")) == (0, 1, 1)
    # Columns that a file does not have stay as they are.
    assert counts(await sent(matching, forum, "profile_id,member_id\np-cn,wang-2\n", kind="participants")) == (0, 1, 0)
    assert (await kic.get(f"{forum}/registrations/p-kr")).json()["minimum"] == 2


async def test_a_file_removes_nothing_that_it_does_not_name(matching: Running) -> None:
    forum, _ = await announced(matching, state="announced"), await published(matching)
    await sent(matching, forum, GOOD + "p-cn,wang-2,,,,,,,\n", kind="participants")
    kic = organiser(matching)
    before, setup = (await kic.get(f"{forum}/registrations/p-cn")).json(), (await kic.get(forum)).json()
    assert counts(await sent(matching, forum, "profile_id,member_id\np-cn,wang-2\n", kind="participants")) == (0, 0, 1)
    assert (await kic.get(f"{forum}/registrations/p-cn")).json() == before and len(before["delegates"]) == 2
    assert counts(await sent(matching, forum, "table,hall\nR-1,A\n", kind="tables")) == (0, 0, 1)
    file = "interpreter_id,pairs\nwang-1,zh-en ko-zh\n"
    assert counts(await sent(matching, forum, file, kind="interpreters")) == (0, 0, 1)
    assert (await kic.get(forum)).json() == setup


async def test_what_does_not_go_with_what_is_stored_changes_nothing(matching: Running) -> None:
    forum, _ = await announced(matching, state="announced"), await published(matching)
    await sent(matching, forum, GOOD, kind="participants")
    await matching.drained()
    before = await state(matching)
    answer = await sent(matching, forum, "profile_id,member_id,minimum\np-kr,kim-1,7\n", kind="participants")
    assert answer.json()["errors"][0]["code"] == "minimum_above_maximum"
    assert await state(matching) == before


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_file_with_a_mistake_changes_nothing_at_all(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(imports, "must_be_free_of_mistakes", lambda *_: None)
    forum, _ = await announced(matching), await published(matching)
    await matching.drained()
    before = await state(matching)
    answer = await sent(matching, forum, GOOD + "p-none,x-1,,,,,,,\n", kind="participants", lang="ko")
    assert (await state(matching) == before) is guarded
    if guarded:
        assert kind(answer) == (422, "file-refused")
        (error,) = answer.json()["errors"]
        assert (error["sheet"], error["line"], error["column"]) == ("participants", 4, "profile_id")
        assert "공개된 프로필이 아닙니다" in error["detail"] and "1군데" in answer.json()["detail"]


async def test_every_mistake_is_reported_at_once_in_the_language_of_the_organiser(matching: Running) -> None:
    forum = await announced(matching)
    bad = HEAD + "P KR,kim-1,by phone,,,,,,\n,,,,,,5,,\nk-1,m-1,,yesterday,,,9,2,k-1\n"
    for lang, word in (("ko", "알 수 없는 값입니다."), ("zh", "无法识别该值。"), ("en", "The value is unknown.")):
        answer = await sent(matching, forum, bad, kind="participants", lang=lang)
        found = answer.json()["errors"]
        assert [(e["line"], e["column"], e["code"]) for e in found] == [
            (2, "profile_id", "not_an_id"),
            (2, "attendance", "not_one_of"),
            (3, "profile_id", "empty"),
            (3, "member_id", "empty"),
            (4, "arrives", "not_a_time"),
            (4, "minimum", "minimum_above_maximum"),
            (4, "must_meets", "itself"),
        ]
        assert found[1]["detail"] == word and all(e["todo"] for e in found)


async def test_tables_and_interpreters_come_from_a_workbook(matching: Running) -> None:
    forum = await announced(matching)
    book = write_xlsx(
        {
            "테이블": [["테이블", "홀", "종류"], ["A-9", "A", "테이블"], ["R-2", "B", "룸"]],
            "译员": [["译员", "语言对", "工作时间"], ["zhao-1", "中文-韩语", f"{FIRST_DAY} 09:00-12:00"]],
        }
    )
    assert counts(await sent(matching, forum, book, type=XLSX)) == (3, 0, 0)
    found = (await organiser(matching).get(forum)).json()
    assert found["tables"][-1] == {"id": "A-9", "hall": "A"} and found["rooms"][-1]["id"] == "R-2"
    assert found["interpreters"][-1]["pairs"] == [["zh", "ko"]]
    assert counts(await sent(matching, forum, book, type=XLSX)) == (0, 0, 3)
    said = await matching.events("forums", key=forum.rpartition("/")[2])
    assert [event.event_type for event in said][-1] == "magpie.forum.updated" and said[-1].halls[0].tables == 4


@pytest.mark.parametrize("guarded", [True, False])
async def test_what_is_exported_can_be_imported_and_changes_nothing(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:  # times by another clock than they are read by
        monkeypatch.setattr("services.matching.domain.forum_files.participant_lines.instant_text", lambda *_: "")
    forum, _ = await announced(matching), await published(matching)
    await sent(matching, forum, GOOD, kind="participants")
    await matching.drained()
    before = await state(matching)
    book = await exported(matching, forum)
    assert (counts(await sent(matching, forum, book, type=XLSX))[1] == 0) is guarded
    for one in ("participants", "tables", "interpreters"):
        text = await exported(matching, forum, format="csv", kind=one)
        assert text.startswith(b"\xef\xbb\xbf")
        answer = counts(await sent(matching, forum, text, kind=one))
        assert answer[:2] == (0, 0) and answer[2] > 0
    assert (await state(matching) == before) is guarded


async def test_an_export_comes_back_after_the_forum_has_become_remote(matching: Running) -> None:
    forum, _ = await announced(matching), await published(matching)
    await sent(matching, forum, GOOD, kind="participants")
    body = forum_body(mode="remote")
    assert (await organiser(matching).put(forum, json=body, headers={"If-Match": "*"})).status_code == 200
    text = await exported(matching, forum, format="csv", kind="participants")
    assert b"onsite" in text
    assert counts(await sent(matching, forum, text, kind="participants")) == (0, 0, 2)
    (error,) = (await sent(matching, forum, GOOD.replace("线上", "现场"), kind="participants")).json()["errors"]
    assert (error["line"], error["code"]) == (3, "not_at_this_forum")


async def test_no_cell_of_an_export_is_a_formula(matching: Running) -> None:
    forum = await announced(matching)
    for format, kinds in (("csv", ("participants", "tables", "interpreters")), ("xlsx", ("",))):
        for one in kinds:
            text = await exported(matching, forum, format=format, **({"kind": one} if one else {}))
            if format == "csv":
                lines = text.decode("utf-8-sig").splitlines()
                assert not any(cell.startswith(cells.FORMULA) for line in lines for cell in line.split(","))


async def test_files_of_another_kind_and_callers_without_the_role_are_refused(matching: Running) -> None:
    forum = await announced(matching)
    assert (await sent(matching, forum, GOOD, type="application/json", kind="participants")).status_code == 422
    assert (await sent(matching, forum, GOOD)).status_code == 422  # which kind?
    assert (await sent(matching, forum, GOOD, kind="chairs")).status_code == 422
    broken = await sent(matching, forum, GOOD, type=XLSX)
    assert broken.json()["errors"][0]["code"] == "not_readable"
    assert (await sent(matching, forum, b"x" * ((4 << 20) + 1), kind="participants")).status_code == 413
    assert (await sent(matching, "/v1/forums/none", GOOD, kind="participants")).status_code == 404
    member = matching.client("hanbit", sub="kim-1")
    assert (await member.post(f"{forum}/import", content=GOOD, headers={"Content-Type": CSV})).status_code == 403
    assert (await member.get(f"{forum}/export")).status_code == 403
    await organiser(matching).post(f"{forum}/close")
    assert kind(await sent(matching, forum, GOOD, kind="participants")) == (409, "forum-closed")


async def test_a_profile_that_has_registered_itself_is_changed_not_added(matching: Running) -> None:
    forum, bridge = await announced(matching), await published(matching)
    await register(bridge.hanbit, forum, "p-kr")
    assert counts(await sent(matching, forum, GOOD, kind="participants")) == (1, 1, 0)
    roster = await matching.service.database.one(store.ROSTERS, forum.rpartition("/")[2])
    assert roster is not None and roster.participants == 2


async def test_a_file_of_a_whole_forum_holds_no_one_up(matching: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand participants with all their must-meets, read, decided and committed in one transaction."""
    count, database = 1000, matching.service.database
    base = {"revision": 1, "at": 1, "sequence": 1, "state": "published"}
    await database.db.profiles.insert_many([{"_id": f"x-{n}", "owner": f"o-{n}", **base} for n in range(count)])
    musts = [" ".join(f"x-{(n + 1 + other) % count}" for other in range(20)) for n in range(count)]
    text = HEAD + "".join(f"x-{n},m-{n},onsite,,,ko,1,40,{musts[n]}\n" for n in range(count))

    async def imported() -> None:
        forum = await announced(matching)
        assert counts(await sent(matching, forum, text, kind="participants")) == (count, 0, 0)
        assert len(await store.registered(database, forum.rpartition("/")[2])) == count

    assert await part_held(imported, monkeypatch, unit_of_work, imports) < 1 / 3
