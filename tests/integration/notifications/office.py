"""Both sides hear by mail, at a time of day that a test sets."""

from __future__ import annotations

from typing import Any

from services.notifications.domain.addresses import ascii_address
from tests.support.postbox import Postbox, confirmation_path
from tests.support.services import Running

from .forum import Forum, stored_id
from .travel import Travel

KIM, WANG = "kim@hanbit.example", "wang@huaqiao.example"
BY_MAIL = {"channels": ["inbox", "email"]}
NOON = "2037-11-30T03:00:00+00:00"
"""A plain Monday, far ahead: see `Travel.to`."""


class Office(Forum):
    """Both sides by mail, at a time of its own."""

    def __init__(self, mailing: Running, postbox: Postbox) -> None:
        super().__init__(mailing)
        self.postbox, self.time = postbox, Travel(mailing)

    async def open(self, at: str = NOON, kim: Any = None, wang: Any = None) -> None:
        await self.time.to(at)
        kim, wang = {"email": KIM, **BY_MAIL, **(kim or {})}, {"email": WANG, **BY_MAIL, **(wang or {})}
        await self.opened(kim=kim, wang=wang)
        for wishes in (kim, wang):
            await self.confirm(ascii_address(wishes["email"]))

    async def confirm(self, address: str) -> None:
        """Does what the mail to an address asks for, and takes the mail away."""
        mail = await self.time.eventually(lambda: self.postbox.take_confirmation(address), f"a mail to {address}")
        answer = await self.notifications.client(None).post(confirmation_path(mail))
        assert answer.status_code == 200, answer.text

    async def come(self, address: str, n: int) -> list[Any]:
        """The mails to an address, once there are so many and nothing more is due."""
        await self.time.eventually(lambda: len(self.postbox.to(address)) >= n, f"{n} mails to {address}")
        await self.time.idle()
        assert len(self.postbox.to(address)) == n
        return self.postbox.to(address)

    async def is_in(self, state: str, member_id: str, n: int = 1) -> list[dict[str, Any]]:
        """The deliveries of a recipient in a state, once there are so many."""
        deliveries = self.notifications.service.database.db.deliveries
        wanted = {"recipient_id": stored_id(member_id), "state": state}

        async def there() -> bool:
            return bool(await deliveries.count_documents(wanted) >= n)

        await self.time.eventually(there, f"{n} {state} for {member_id}")
        found: list[dict[str, Any]] = await deliveries.find(wanted).to_list(None)
        return found

    async def said(self, member_id: str) -> list[tuple[str, str | None]]:
        """What the topic says of a recipient's mails."""
        events = await self.notifications.events("notifications", stored_id(member_id))
        return [(type(e).__name__.removeprefix("Notification"), e.reason) for e in events if e.channel == "email"]

    async def names_arrived(self, name: str) -> None:
        """Both profiles are called so here."""
        rows = self.notifications.service.database.db.profiles

        async def there() -> bool:
            return bool(await rows.count_documents({"names.en": name}) == 2)

        await self.time.eventually(there, f"both profiles are called {name}")
