"""A record leads a stranger to its schema, served by the service that wrote it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from deploy.local.system import Servers
from services.profiles.app import build
from services.profiles.settings import ProfilesSettings
from tests.support.profiles import created
from tests.support.services import chassis_settings, running


async def test_the_dataschema_of_a_record_is_the_address_of_the_schema_that_takes_it(
    servers: Servers, run_id: str, tmp_path: Path
) -> None:
    settings = chassis_settings(servers, run_id, tmp_path, schema_base="http://magpie.test/schemas")
    async with running(build(settings, ProfilesSettings())) as profiles:
        draft = await created(profiles)
        await profiles.client("hanbit").post(f"/v1/profiles/{draft['profile_id']}/publish")
        everybody = profiles.client(None)
        for record in await profiles.records("profiles"):
            uri = dict(record.headers)["ce_dataschema"].decode()
            schema = (await everybody.get(uri)).json()
            assert schema["$id"] == uri
            jsonschema.validate(json.loads(record.value or b""), schema)
        listed = (await everybody.get("/schemas/")).json()["schemas"]
        assert {entry["topic"] for entry in listed} == {"profiles"}, "what others write is served by them"
        assert (await everybody.get("/schemas/v1/reader/magpie.match.agreed.json")).status_code == 404
        page = await profiles.operations().get("/docs/events")
        assert page.headers["Content-Type"].startswith("text/html") and "id='magpie.profile.erased'" in page.text
