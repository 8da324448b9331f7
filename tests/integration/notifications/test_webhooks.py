"""Webhooks: events of public topics by HTTP, to a real receiver; judged by the official libraries in two languages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from cloudevents.core.formats.json import JSONFormat
from standardwebhooks.webhooks import WebhookVerificationError

from deploy.local.system import Servers
from schemas.envelope import Event, schema_path
from schemas.forums import ForumAnnounced, ForumScheduled
from schemas.matches import MatchProposed
from tests.integration.notifications.forum import MATCH
from tests.integration.notifications.hooks import Hooks, hooks_with, verified, verified_in_javascript
from tests.support.completions import Reply
from tests.support.contract import valid
from tests.support.receiver import OK, Received
from tests.support.waiting import eventually

SCHEMAS = Path(__file__).parents[3] / "schemas" / "json"
BUSY = Reply(status=500)


@pytest.fixture
async def hooks(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[Hooks]:
    async with hooks_with(servers, run_id, tmp_path) as found:
        yield found


async def test_an_event_arrives_as_it_was_and_the_official_libraries_take_its_signature(hooks: Hooks) -> None:
    webhook = await hooks.registered()
    id = await hooks.says("p-kr", 1)
    await hooks.gets(1)  # what was erased before it is sent is not sent
    erased = await hooks.erases("p-kr", 2)
    first, second = await hooks.gets(2)
    event = verified(first, webhook["secret"])
    assert first.id == id == event["id"] and second.id == erased
    assert event["type"] == "magpie.profile.published" and event["source"] == "/magpie/profiles"
    assert event["partitionkey"] == event["subject"] == "p-kr" and event["sequence"] == f"{1:020d}"
    schema = json.loads((SCHEMAS / schema_path(event["type"], "reader")).read_text())
    jsonschema.validate(event["data"], schema)
    assert event["data"]["legal_name"] == "주식회사 한빛센서"
    assert "data" in (gone := verified(second, webhook["secret"])) and gone["data"] is None
    assert gone["type"] == "magpie.profile.erased"
    read = from_structured_event(HTTPMessage(headers=first.headers, body=first.body), JSONFormat())
    assert read.get_id() == id and read.get_data() == event["data"]
    assert await verified_in_javascript(first, second, secret=webhook["secret"]) == [id, erased]


async def test_a_changed_body_or_another_secret_is_refused_by_both(hooks: Hooks) -> None:
    """The libraries can say no: else the test above would show nothing."""
    webhook, other = await hooks.registered(), await hooks.registered()
    await hooks.says("p-kr", 1)
    first = next(r for r in await hooks.gets(2) if _takes(r, webhook["secret"]))
    changed = Received(first.path, first.headers, first.body.replace(b"Hanbit", b"Hanbyt"))
    assert not _takes(changed, webhook["secret"]) and not _takes(first, other["secret"])
    answers = await verified_in_javascript(changed, secret=webhook["secret"])
    assert answers[0].startswith("refused")


def _takes(received: Received, secret: str) -> bool:
    try:
        return bool(verified(received, secret))
    except WebhookVerificationError:
        return False


async def test_only_public_topics_and_the_types_of_the_filter_are_sent(hooks: Hooks) -> None:
    refused = await hooks.reader.post(
        "/v1/webhooks", json={"url": hooks.receiver.url, "types": ["magpie.match.proposed"]}
    )
    assert refused.status_code == 422 and "magpie.profile.published" in refused.text
    await hooks.registered(types=["magpie.profile.erased"])
    everything = await hooks.registered()
    await hooks.says("m-1", 1, MatchProposed(**MATCH))
    await hooks.says("p-kr", 1)
    await hooks.gets(1)  # what was erased before it is sent is not sent
    await hooks.erases("p-kr", 2)
    received = await hooks.gets(3)
    matches = hooks.db.matches
    await eventually(lambda: matches.find_one({"_id": "m-1"}), "the match was taken")
    await hooks.idle()
    assert sorted(r.event["type"] for r in received) == [
        "magpie.profile.erased",
        "magpie.profile.erased",
        "magpie.profile.published",
    ]
    assert len(await hooks.log(everything)) == 2


async def test_forums_and_the_parts_of_their_plans_are_sent_once(hooks: Hooks) -> None:
    await hooks.registered(types=["magpie.forum.announced", "magpie.forum.scheduled"])
    for name, model in (("announced", ForumAnnounced), ("scheduled", ForumScheduled)):
        sample = valid(f"magpie.forum.{name}")["smallest"]
        event: Event = model.model_validate(sample["value"])
        for _ in range(2):
            await hooks.says(sample["key"], 1, event)
    found = await hooks.gets(2)
    await hooks.idle()
    assert sorted(r.event["type"] for r in found) == ["magpie.forum.announced", "magpie.forum.scheduled"]


async def test_a_key_keeps_its_order_over_failures_and_holds_no_other_up(hooks: Hooks) -> None:
    fails = {"on": True}
    hooks.receiver.answer = lambda r: BUSY if r.place == ("p-1", 1) and fails["on"] else OK
    webhook = await hooks.registered()
    for sequence in (1, 2, 3):
        await hooks.says("p-1", sequence, names={"ko": f"한빛{sequence}"})
        await hooks.says("p-2", sequence, names={"ko": f"한빛{sequence}"})
    await eventually(lambda: ("p-2", 3) in hooks.receiver.places, "the other key went on")
    assert {place for place in hooks.receiver.places if place[0] == "p-1"} == {("p-1", 1)}
    waiting = {(d["sequence"], d["state"]) for d in await hooks.log(webhook) if d["state"] == "waiting"}
    assert waiting == {(1, "waiting"), (2, "waiting"), (3, "waiting")}
    fails["on"] = False
    await hooks.idle()
    order = [sequence for key, sequence in hooks.receiver.places if key == "p-1"]
    assert order == sorted(order) and set(order) == {1, 2, 3} and order.count(2) == order.count(3) == 1
    assert {d["state"] for d in await hooks.log(webhook)} == {"sent"}


async def test_an_answer_410_disables_at_once_and_enabled_again_it_goes_on(hooks: Hooks) -> None:
    hooks.receiver.answer = lambda r: Reply(status=410)
    webhook = await hooks.registered()
    await hooks.says("p-1", 1)
    assert await hooks.disabled(webhook) == "gone"
    listed = (await hooks.reader.get("/v1/webhooks")).json()["items"]
    assert [(w["state"], w["reason"]) for w in listed] == [("disabled", "gone")]
    await hooks.idle()
    await hooks.says("p-2", 1)
    await eventually(lambda: hooks.db.profiles.find_one({"_id": "p-2"}), "the next event was taken")
    assert hooks.receiver.places == [("p-1", 1)], "nothing is sent to a disabled webhook"
    hooks.receiver.answer = lambda r: OK
    url = f"/v1/webhooks/{webhook['webhook_id']}"
    enabled = await hooks.reader.patch(url, json={"state": "enabled"})
    assert enabled.status_code == 200 and "reason" not in enabled.json()
    await hooks.gets(2)
    await hooks.idle()
    assert hooks.receiver.places == [("p-1", 1), ("p-1", 1)]


async def test_retry_after_is_obeyed_for_all_keys(hooks: Hooks) -> None:
    hooks.receiver.answer = lambda r: Reply(status=429, headers={"Retry-After": "2"})
    webhook = await hooks.registered()
    await hooks.says("p-1", 1)
    await hooks.gets(1)

    async def paced() -> Any:
        return await hooks.db.webhook_paces.find_one({"_id": webhook["webhook_id"]})

    pace = await eventually(paced, "the pause is kept")
    hooks.receiver.answer = lambda r: OK
    await hooks.says("p-2", 1)
    await hooks.gets(3)
    assert hooks.running.service.database.now() >= pace["rests_until"]
    assert sorted(hooks.receiver.places[1:]) == [("p-1", 1), ("p-2", 1)]


async def test_after_a_rotation_both_secrets_sign_for_a_day(hooks: Hooks) -> None:
    webhook = await hooks.registered()
    url = f"/v1/webhooks/{webhook['webhook_id']}"
    rotated = (await hooks.reader.post(f"{url}/rotate")).json()
    assert rotated["secret"] != webhook["secret"] and rotated["previous_until"]
    await hooks.says("p-1", 1)
    (first,) = await hooks.gets(1)
    assert _takes(first, webhook["secret"]) and _takes(first, rotated["secret"])
    assert await verified_in_javascript(first, secret=webhook["secret"]) == [first.id]
    past = hooks.running.service.database.now().replace(year=2020)
    await hooks.db.webhooks.update_one({"_id": webhook["webhook_id"]}, {"$set": {"secrets.1.until": past}})
    await hooks.says("p-1", 2, names={"ko": "한빛"})
    second = (await hooks.gets(2))[1]
    assert not _takes(second, webhook["secret"]) and _takes(second, rotated["secret"])


async def test_a_secret_is_shown_once_and_stands_nowhere(hooks: Hooks) -> None:
    key = {"Idempotency-Key": "once"}
    body = {"url": hooks.receiver.url}
    first = await hooks.reader.post("/v1/webhooks", json=body, headers=key)
    again = await hooks.reader.post("/v1/webhooks", json=body, headers=key)
    assert first.json() == again.json() and first.json()["secret"].startswith("whsec_")
    assert "secret" not in (await hooks.reader.get(f"/v1/webhooks/{first.json()['webhook_id']}")).text
    for name in await hooks.db.list_collection_names():
        for document in await hooks.db[name].find().to_list(None):
            assert first.json()["secret"].removeprefix("whsec_") not in str(document), name
    assert await hooks.db.webhooks.count_documents({}) == 1


async def test_three_days_of_failures_disable(servers: Servers, run_id: str, tmp_path: Path) -> None:
    async with hooks_with(servers, run_id, tmp_path, webhook_retry_days=1 / 86_400) as hooks:
        hooks.receiver.answer = lambda r: BUSY
        webhook = await hooks.registered()
        await hooks.says("p-1", 1)
        assert await hooks.disabled(webhook) == "exhausted"
        (delivery,) = await hooks.log(webhook)
        assert delivery["attempts"] >= 3 and delivery["status"] == 500 and delivery["outcome"] == "refused"


async def test_a_replay_repeats_from_an_event_on_with_the_same_ids(hooks: Hooks) -> None:
    webhook = await hooks.registered()
    ids = []
    for n in (1, 2, 3):
        ids.append(await hooks.says("p-1", n, names={"ko": f"한빛{n}"}))
        await hooks.gets(n)
    await hooks.idle()
    url = f"/v1/webhooks/{webhook['webhook_id']}/replay"
    assert (await hooks.reader.post(url, json={"from": "unknown"})).status_code == 404
    assert (await hooks.reader.post(url, json={"from": ids[1]})).status_code == 204
    again = await hooks.gets(5)
    await hooks.idle()
    assert [r.id for r in again] == [*ids, *ids[1:]]
    assert verified(again[4], webhook["secret"])["sequence"] == f"{3:020d}"
    refused = await hooks.reader.post(url, json={"from": ids[1]})
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 50


async def test_a_test_event_is_sent_once_and_stands_in_the_log(hooks: Hooks) -> None:
    hooks.receiver.answer = lambda r: BUSY
    webhook = await hooks.registered(types=["magpie.profile.erased"])
    url = f"/v1/webhooks/{webhook['webhook_id']}"
    answer = await hooks.reader.post(f"{url}/test")
    assert answer.status_code == 202
    (received,) = await hooks.gets(1)
    assert received.id == answer.json()["event_id"] and received.event["type"] == "magpie.webhook.test"
    assert _takes(received, webhook["secret"])
    await hooks.idle()
    (delivery,) = await hooks.log(webhook)
    assert (delivery["state"], delivery["status"], delivery["attempts"]) == ("failed", 500, 1)
    assert (await hooks.reader.post(f"{url}/test")).status_code == 429


async def test_the_log_has_pages_of_its_own_webhook(hooks: Hooks) -> None:
    webhook, other = await hooks.registered(), await hooks.registered()
    for n in range(5):
        await hooks.says(f"p-{n}", 1)
    await hooks.gets(10)
    await hooks.idle()
    url, seen, cursor = f"/v1/webhooks/{webhook['webhook_id']}/deliveries", [], None
    while True:
        page = (await hooks.reader.get(url, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [item["event_id"] for item in page["items"]]
        cursor = page.get("next")
        if cursor is None:
            break
        foreign = f"/v1/webhooks/{other['webhook_id']}/deliveries"
        assert (await hooks.reader.get(foreign, params={"cursor": cursor})).status_code == 422
    assert len(seen) == len(set(seen)) == 5


async def test_what_was_erased_is_neither_sent_nor_kept(hooks: Hooks) -> None:
    fails = {"on": True}
    hooks.receiver.answer = lambda r: BUSY if fails["on"] else OK
    webhook = await hooks.registered()
    await hooks.says("p-1", 1)
    await hooks.gets(1)
    await hooks.erases("p-1", 2)

    async def forgotten() -> bool:
        return bool(await hooks.db.webhook_events.count_documents({"sequence": 1}) == 0)

    await eventually(forgotten, "the kept event is removed")
    fails["on"] = False
    await hooks.idle()
    assert hooks.receiver.received[-1].event["type"] == "magpie.profile.erased"
    assert {(d["sequence"], d["state"]) for d in await hooks.log(webhook)} == {(1, "erased"), (2, "sent")}


async def test_a_deleted_webhook_leaves_nothing(hooks: Hooks) -> None:
    webhook = await hooks.registered()
    await hooks.says("p-1", 1)
    await hooks.gets(1)
    await hooks.idle()
    assert (await hooks.reader.delete(f"/v1/webhooks/{webhook['webhook_id']}")).status_code == 204
    await hooks.idle()
    assert await hooks.db.webhook_deliveries.count_documents({}) == 0
    assert await hooks.db.webhook_queues.count_documents({}) == 0
    await hooks.says("p-1", 2, names={"ko": "한빛"})
    await eventually(lambda: hooks.db.profiles.find_one({"sequence": 2}), "the next event was taken")
    assert len(hooks.receiver.received) == 1


async def test_an_organisation_has_five_and_sees_only_its_own(hooks: Hooks) -> None:
    own = [await hooks.registered() for _ in range(5)]
    refused = await hooks.reader.post("/v1/webhooks", json={"url": hooks.receiver.url})
    assert refused.status_code == 409 and refused.json()["type"].endswith("too-many-webhooks")
    stranger = hooks.running.client("huaqiao", role="reader")
    url = f"/v1/webhooks/{own[0]['webhook_id']}"
    assert (await stranger.get(url)).status_code == (await stranger.post(f"{url}/rotate")).status_code == 404
    assert (await stranger.get("/v1/webhooks")).json()["items"] == []
    assert (await hooks.running.client("hanbit").get("/v1/webhooks")).status_code == 403


async def test_answers_are_neither_followed_nor_awaited_without_end(hooks: Hooks) -> None:
    replies = [
        Reply(status=302, headers={"Location": f"{hooks.receiver.url}/elsewhere"}),
        Reply(hangs=True),
        Reply(status=200, endless=True),
    ]
    hooks.receiver.answer = lambda r: replies.pop(0) if replies else OK
    webhook = await hooks.registered()
    await hooks.says("p-1", 1)
    await hooks.gets(3)
    await hooks.idle()
    assert {r.path for r in hooks.receiver.received} == {"/hook"}, "a redirect is no success, and is not followed"
    assert len(hooks.receiver.received) == 3
    (delivery,) = await hooks.log(webhook)
    assert (delivery["state"], delivery["attempts"], delivery["status"]) == ("sent", 3, 200)
