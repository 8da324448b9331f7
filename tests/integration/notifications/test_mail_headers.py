"""What others have written stays text in our mails: the raw bytes that the server got, read by a parser of our own."""

from __future__ import annotations

import pytest

from schemas.matches import MatchAgreed
from schemas.meetings import MeetingBooked
from schemas.profiles import Names
from tests.support.postbox import Postbox
from tests.support.services import Running

from .forum import CHINESE, KOREAN, MATCH, MEETING
from .office import BY_MAIL, KIM, WANG, Office

AGREED = MATCH | {"state": "agreed"}
BOOKED = MEETING | {"state": "booked"}


@pytest.fixture
def office(mailing: Running, postbox: Postbox) -> Office:
    return Office(mailing, postbox)


FORGED = "=?utf-8?q?Hanbit=0D=0AReply-To=3A_p=40evil=2Eexample=0D=0A=0D=0APay_here?="


@pytest.mark.parametrize("name", [FORGED, "=?nonsense-9?q?Hanbit?=", "=?utf-8?b?/////w==?="])
async def test_a_name_that_is_an_encoded_word_is_shown_as_it_is_written(office: Office, name: str) -> None:
    """In the raw bytes that the server got: in headers, in the calendar, and as a part of an address."""
    await office.open()
    for profile, id in ((KOREAN, "p-kr"), (CHINESE, "p-cn")):
        await office.tell(profile.model_copy(update={"names": Names(ko=name, zh=name, en=name)}), id, 2)
    await office.names_arrived(name)
    await office.tell(MeetingBooked(**BOOKED), "t-1", 1)
    for address in (KIM, WANG):
        mail = (await office.come(address, 1))[0].mail
        assert name in mail["Subject"] and name in mail.parts["text/plain"].text
        assert (mail["To"], mail["From"]) == (f"<{address}>", "Magpie <magpie@bridge.example>")
        assert mail.names == HEADERS and b"Reply-To" not in mail.head
        assert "Reply-To:" not in mail.parts["text/calendar"].text
    taken = {"profile_id": "p-kr", "lang": "ko", "zone": "Asia/Seoul", **BY_MAIL}
    for local in (name, "김하나"):
        refused = await office.kim.put("/v1/recipients/kim-1", json=taken | {"email": f"{local}@hanbit.example"})
        assert [e["pointer"] for e in refused.json()["errors"]] == ["/email"] and refused.status_code == 422


HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Content-Language",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
]


async def test_a_mail_to_a_korean_domain_goes_to_its_punycode(office: Office) -> None:
    await office.open(kim={"email": "kim@한빛.example"})
    assert (await office.kim.get("/v1/recipients/kim-1")).json()["email"] == "kim@한빛.example"
    await office.tell(MatchAgreed(**AGREED), "m-1", 1)
    (mail,) = await office.come("kim@xn--xx3br43b.example", 1)
    assert mail.mail["To"] == "<kim@xn--xx3br43b.example>"
