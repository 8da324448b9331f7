"""Both sides hear by mail, at a time of day that a test sets."""

from __future__ import annotations

from typing import Any

from tests.support.postbox import Postbox
from tests.support.services import Running

from .forum import Forum
from .travel import Travel

KIM, WANG = "kim@hanbit.example", "wang@huaqiao.example"
BY_MAIL = {"channels": ["inbox", "email"]}
NOON = "2026-11-30T03:00:00+00:00"  # a plain Monday


class Office(Forum):
    """Both sides by mail, at a time of its own."""

    def __init__(self, mailing: Running, postbox: Postbox) -> None:
        super().__init__(mailing)
        self.postbox, self.time = postbox, Travel(mailing)

    async def open(self, at: str = NOON, kim: Any = None, wang: Any = None) -> None:
        await self.time.to(at)
        await self.opened(kim={"email": KIM, **BY_MAIL, **(kim or {})}, wang={"email": WANG, **BY_MAIL, **(wang or {})})

    async def come(self, address: str, n: int) -> list[Any]:
        """The mails to an address, once there are so many and nothing more is due."""
        await self.time.eventually(lambda: len(self.postbox.to(address)) >= n, f"{n} mails to {address}")
        await self.time.idle()
        assert len(self.postbox.to(address)) == n
        return self.postbox.to(address)

    async def is_in(self, state: str, recipient_id: str, n: int = 1) -> list[dict[str, Any]]:
        """The deliveries of a recipient in a state, once there are so many."""
        deliveries = self.notifications.service.database.db.deliveries
        wanted = {"recipient_id": recipient_id, "state": state}

        async def there() -> bool:
            return bool(await deliveries.count_documents(wanted) >= n)

        await self.time.eventually(there, f"{n} {state} for {recipient_id}")
        found: list[dict[str, Any]] = await deliveries.find(wanted).to_list(None)
        return found

    async def said(self, recipient_id: str) -> list[tuple[str, str | None]]:
        """What the topic says of a recipient's mails."""
        events = await self.notifications.events("notifications", recipient_id)
        return [(type(e).__name__.removeprefix("Notification"), e.reason) for e in events if e.channel == "email"]
