"""A change of the encoder: what was encoded before is encoded again, and found."""

from __future__ import annotations

from typing import Any

from services.matching.usecases.reencode import reencode_all
from tests.integration.matching.bridge import Bridge
from tests.integration.matching.test_proposing import provider, seeker, settled
from tests.support.services import Running
from tests.support.waiting import eventually


async def test_profiles_of_another_encoder_are_encoded_again_and_keep_their_matches(matching: Running) -> None:
    bridge = Bridge(matching)
    await bridge.publish(seeker("p-kr"), key="p-kr")
    await bridge.publish(provider("p-cn"), key="p-cn")
    indexed, matches = matching.service.database.db.indexed, matching.service.database.db.matches

    async def matched() -> Any:
        return await matches.count_documents({"state": "proposed"}) == 1

    await eventually(matched, "they are proposed to each other")
    await settled(matching)
    name = (await indexed.find_one({"_id": "p-kr"}) or {})["entries"][0]["encoder"]
    await indexed.update_many(
        {"entries": {"$exists": True}}, {"$set": {"entries.$[].encoder": "old/1"}, "$inc": {"revision": 1}}
    )
    await reencode_all(matching.service.database, matching.service.commands, [name])

    async def all_new() -> Any:
        docs = await indexed.find({"entries": {"$exists": True}}).to_list(None)
        return all(doc["entries"] and {e["encoder"] for e in doc["entries"]} == {name} for doc in docs)

    await eventually(all_new, "all entries are of the present encoder")
    await settled(matching)
    assert await matches.count_documents({}) == 1, "the match stays, and there is no second one"
    assert await matched()
