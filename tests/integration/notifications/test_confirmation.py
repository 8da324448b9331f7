"""Nothing is mailed to an address before its owner says so, and the question itself cannot be used to send mails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.system import Servers
from schemas.matches import MatchAgreed, MatchWithdrawn
from schemas.meetings import MeetingBooked, MeetingCancelled, MeetingRequested
from services.notifications.app import build
from services.notifications.domain.confirmations import ConfirmationBudget
from services.notifications.domain.recipients import Recipient
from services.notifications.domain.sentences import CONFIRM_BUTTON, CONFIRM_SUBJECT
from services.notifications.domain.unsubscribe_tokens import unsubscribe_token
from services.notifications.settings import NotificationsSettings
from services.notifications.usecases import plan_mail
from tests.support.postbox import BUSY, NO_SUCH_USER, Postbox, confirmation_path
from tests.support.raw_mail import RawMail
from tests.support.services import Running, chassis_settings, running

from .forum import KIM as KIM_WISH
from .forum import MATCH, MEETING, stored_id
from .office import BY_MAIL, KIM, NOON, WANG, Office

ME = "/v1/recipients/kim-1"
WISH = KIM_WISH | {"email": KIM, **BY_MAIL}
AGREED = MATCH | {"state": "agreed"}


@pytest.fixture
async def office(mailing: Running, postbox: Postbox) -> Office:
    office = Office(mailing, postbox)
    await office.time.to(NOON)
    await office.opened()
    return office


async def asked(office: Office, address: str = KIM) -> RawMail:
    mail: RawMail = await office.time.eventually(lambda: office.postbox.take_confirmation(address), f"to {address}")
    return mail


async def is_confirmed(office: Office) -> bool:
    return bool((await office.kim.get(ME)).json()["email_confirmed"])


@pytest.mark.parametrize("guarded", [True, False])
async def test_nothing_but_the_question_goes_to_an_address_that_is_not_confirmed(
    office: Office, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        real = Recipient.reason_against_mail

        def trusting(recipient: Recipient, *args: Any, **named: Any) -> str | None:
            return real(recipient.model_copy(update={"email_confirmed": True}), *args, **named)

        monkeypatch.setattr(Recipient, "reason_against_mail", trusting)
    found = (await office.kim.put(ME, json=WISH)).json()
    assert (found["email"], found["email_confirmed"]) == (KIM, False) and "confirmation" not in found
    mail = await asked(office)
    assert mail["Subject"] == CONFIRM_SUBJECT["ko"] and mail["To"] == f"<{KIM}>"
    assert "List-Unsubscribe" not in mail.names and "hanbit" not in mail.parts["text/html"].text
    await office.tell(MatchAgreed(**AGREED), "m-1", 1)
    if not guarded:
        await office.come(KIM, 1)
        return
    assert [d["reason"] for d in await office.is_in("suppressed", "kim-1")] == ["address_unconfirmed"]
    assert len(await office.told(office.kim, "kim-1", 1)) == 1 and office.postbox.all == []
    assert (await office.notifications.client(None).post(confirmation_path(mail))).status_code == 200
    assert await is_confirmed(office)
    await office.tell(MatchAgreed(**(AGREED | {"match_id": "m-2"})), "m-2", 1)
    await office.come(KIM, 1)


@pytest.mark.parametrize("lang", ["ko", "zh", "en"])
async def test_the_question_is_in_the_readers_language(office: Office, lang: str) -> None:
    await office.kim.put(ME, json=WISH | {"lang": lang})
    mail = await asked(office)
    assert mail["Subject"] == CONFIRM_SUBJECT[lang] and mail["Content-Language"] == lang
    for part in mail.parts.values():
        assert CONFIRM_BUTTON[lang] in part.text and confirmation_path(mail) in part.text


async def test_a_link_is_opened_by_anybody_used_once_and_only_as_it_is(office: Office) -> None:
    await office.kim.put(ME, json=WISH)
    path = confirmation_path(await asked(office))
    anybody = office.notifications.client(None)
    for method in ("GET", "HEAD") * 3:
        assert (await anybody.request(method, path)).status_code == 200
    shown = await anybody.get(path)
    assert '<form method="post">' in shown.text and "kim" not in shown.text
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert not await is_confirmed(office), "programs that look at links confirm nothing"
    link_key = office.notifications.service.app.state.dependencies.link_key
    other_purpose = unsubscribe_token(stored_id("kim-1"), link_key)
    changed = path[:-3] + ("abc" if not path.endswith("abc") else "xyz")
    for wrong in (changed, f"/confirm/{other_purpose}", "/confirm/x", path.replace("/confirm/", "/unsubscribe/")):
        for method in ("GET", "POST"):
            assert (await anybody.request(method, wrong)).status_code == 404, wrong
    assert (await anybody.post(path)).status_code == 200
    for method in ("GET", "POST"):
        assert (await anybody.request(method, path)).status_code == 410
    assert await is_confirmed(office)


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_link_expires_after_a_day(office: Office, monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    if not guarded:
        monkeypatch.setattr(Recipient, "is_confirmed_by", lambda self, confirmation_id, now: True)
    await office.kim.put(ME, json=WISH)
    path = confirmation_path(await asked(office))
    await office.time.to("2037-12-01T03:01:00+00:00")
    if not guarded:
        assert (await office.notifications.client(None).post(path)).status_code == 200
        return
    for method in ("GET", "POST"):
        assert (await office.notifications.client(None).request(method, path)).status_code == 410
    assert not await is_confirmed(office)
    assert (await office.kim.post(f"{ME}/confirmation")).status_code == 200
    await office.notifications.client(None).post(confirmation_path(await asked(office)))
    assert await is_confirmed(office)


async def test_another_address_is_asked_again_and_the_link_of_the_first_confirms_nothing(office: Office) -> None:
    await office.kim.put(ME, json=WISH)
    first = confirmation_path(await asked(office))
    await office.kim.put(ME, json=WISH | {"email": "kim@away.example"})
    second = confirmation_path(await asked(office, "kim@away.example"))
    anybody = office.notifications.client(None)
    assert (await anybody.post(first)).status_code == 410 and not await is_confirmed(office)
    assert (await anybody.post(second)).status_code == 200 and await is_confirmed(office)
    same = await office.kim.put(ME, json=WISH | {"email": "kim@away.example", "lang": "en"})
    assert same.json()["email_confirmed"] is True, "other changes do not ask again"
    assert (await office.kim.put(ME, json=KIM_WISH)).json()["email_confirmed"] is False
    back = await office.kim.put(ME, json=WISH | {"email": "kim@away.example"})
    assert back.json()["email_confirmed"] is False


@pytest.mark.parametrize("guarded", [True, False])
async def test_three_questions_a_day_also_for_who_goes_and_comes_back(
    office: Office, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Otherwise the question is itself a way to write to others."""
    if not guarded:
        monkeypatch.setattr(ConfirmationBudget, "spend", lambda self, now, per_day: self)
    for n in range(3):
        assert (await office.kim.put(ME, json=WISH | {"email": f"victim{n}@away.example"})).status_code in (200, 201)
        await asked(office, f"victim{n}@away.example")
        assert (await office.kim.delete(ME)).status_code == 204
    refused = await office.kim.put(ME, json=WISH | {"email": "victim3@away.example"})
    if not guarded:
        await asked(office, "victim3@away.example")
        return
    assert refused.status_code == 429 and refused.json()["type"].endswith("/too-many-confirmations")
    assert 80_000 < int(refused.headers["Retry-After"]) <= 86_401
    assert (await office.kim.put(ME, json=KIM_WISH)).status_code == 201, "without an address it may come back"
    assert (await office.kim.post(f"{ME}/confirmation")).status_code == 409
    await office.time.idle()
    assert office.postbox.all == []
    await office.time.to("2037-12-01T03:00:30+00:00")
    assert (await office.kim.put(ME, json=WISH)).status_code == 200
    await asked(office)


async def test_trouble_repeats_the_question_and_a_refusal_ends_it(office: Office) -> None:
    office.postbox.answers.append(BUSY)
    await office.kim.put(ME, json=WISH)
    mail = await asked(office)
    assert mail["X-Magpie-Attempt"] == "2"
    office.postbox.at_recipient.append(NO_SUCH_USER)
    await office.kim.put(ME, json=WISH | {"email": "nobody@away.example"})
    jobs = office.notifications.service.database.db.jobs

    async def done() -> bool:
        return await jobs.count_documents({"kind": "confirm"}) == 0

    await office.time.eventually(done, "no job is left")
    assert not await is_confirmed(office)


@pytest.fixture
async def patient(servers: Servers, run_id: str, tmp_path: Path, postbox: Postbox) -> AsyncIterator[Running]:
    """Mails wait ten minutes for a later one about the same thing."""
    settings = NotificationsSettings(
        smtp_host=postbox.host, smtp_port=postbox.port, smtp_tls="none", collapse_seconds=600.0
    )
    async with running(build(chassis_settings(servers, run_id, tmp_path), settings)) as service:
        yield service


@pytest.mark.parametrize("guarded", [True, False])
async def test_mails_about_one_thing_become_one(
    patient: Running, postbox: Postbox, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Requests that are made and cancelled by the dozen; a calendar hears of each change that it has to."""
    if not guarded:
        monkeypatch.setattr(plan_mail, "supersedes", lambda newer, older: False)
    office = Office(patient, postbox)
    await office.open()
    await office.tell(MatchAgreed(**AGREED), "m-1", 1)
    await office.is_in("queued", "wang-1", 1)
    for n in range(5):
        about = MEETING | {"meeting_id": f"t-{n}"}
        await office.tell(MeetingRequested(**about), f"t-{n}", 1)
        await office.told(office.wang, "wang-1", 2 + 2 * n)
        await office.tell(MeetingCancelled(**(about | {"state": "cancelled"})), f"t-{n}", 2)
        await office.told(office.wang, "wang-1", 3 + 2 * n)
    booked = MEETING | {"meeting_id": "t-9", "match_id": "m-9", "state": "booked"}
    await office.tell(MeetingBooked(**booked), "t-9", 1)
    await office.told(office.wang, "wang-1", 12)
    await office.tell(MatchWithdrawn(**(MATCH | {"match_id": "m-9", "accepted_by": ["p-kr"]})), "m-9", 1)
    await office.told(office.wang, "wang-1", 13)
    if not guarded:
        await office.is_in("queued", "wang-1", 13)
        return
    await office.is_in("queued", "wang-1", 3)
    assert postbox.all == []
    assert {d["reason"] for d in await office.is_in("suppressed", "wang-1", 10)} == {"superseded"}
    # They have looked once and wait for ten minutes; time travels for those only that nobody has claimed.
    await patient.service.database.db.jobs.update_many({"kind": "mail"}, {"$unset": {"token": ""}})
    await office.time.to("2037-11-30T03:11:00+00:00")
    mails = await office.come(WANG, 3)
    subjects = sorted(mail.mail["Subject"].partition("：")[0] for mail in mails)
    assert subjects == ["会面已取消", "会面已确定", "合作建议已终止"]
    waiting = await patient.service.database.db.waiting.find_one({"_id": stored_id("wang-1")})
    assert waiting and waiting["latest"] == {}
