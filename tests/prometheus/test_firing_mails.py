"""Mails that their server refuses make an alert fire for real, and it clears."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.prometheus.faster import a_system, watched
from tests.prometheus.test_firing import clears, fires
from tests.support.postbox import NO_SUCH_USER, Postbox, confirmation_path
from tests.support.profiles import chinese, korean
from tests.support.two_sides import Forum, ok
from tests.support.waiting import eventually
from tests.support.whole import Whole

KIM, WANG = "kim@hanbit.example", "wang@huaqiao.example"


def settings(postbox: Postbox) -> dict[str, str]:
    names = {"SMTP_HOST": postbox.host, "SMTP_PORT": str(postbox.port), "SMTP_TLS": "none", "COLLAPSE_SECONDS": "0"}
    names |= {"PUBLIC_URL": "https://magpie.example/told/", "SMTP_FROM": "Magpie <magpie@bridge.example>"}
    return {f"MAGPIE_NOTIFICATIONS_{name}": value for name, value in names.items()}


async def confirmed(url: str, postbox: Postbox, address: str) -> None:
    mail = await eventually(lambda: postbox.take_confirmation(address), f"a mail to {address}")
    async with httpx2.AsyncClient(base_url=url, timeout=20) as stranger:
        assert (await stranger.post(confirmation_path(mail))).status_code == 200


def wishes(profile_id: str, address: str, lang: str, zone: str) -> dict[str, Any]:
    return {"profile_id": profile_id, "lang": lang, "zone": zone, "email": address, "channels": ["inbox", "email"]}


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_mails_that_are_refused(tmp_path: Path) -> None:
    with Postbox() as postbox:
        async with a_system(tmp_path, settings(postbox)) as system:
            forum = Forum(Whole(system, "magpie"))
            with watched(system, tmp_path) as prometheus:
                ids = [await forum.publish(side, body) for side, body in ((forum.kr, korean()), (forum.cn, chinese()))]
                url = system.urls("notifications")[0]
                for side, sub, wish in (
                    (forum.kr, "kim-1", wishes(ids[0], KIM, "ko", "Asia/Seoul")),
                    (forum.cn, "wang-1", wishes(ids[1], WANG, "zh", "Asia/Shanghai")),
                ):
                    await ok(side["notifications"].put(f"/v1/recipients/{sub}", json=wish), 200, 201)
                    await confirmed(url, postbox, wish["email"])
                postbox.always = NO_SUCH_USER
                await forum.agreed(ids[0])
                await fires(prometheus, "MailsFail")
                await clears(prometheus, "MailsFail")
