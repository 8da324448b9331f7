"""The operator's command that compares rows with their topic, as it is called."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local.system import Servers
from tests.integration.http.process import ROOT, Place


async def said(place: Place, *words: str) -> tuple[int | None, str]:
    command = [sys.executable, "-m", "services.translation", "rebuild", *words]
    env = place.environment(0)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=env, stdout=PIPE, stderr=PIPE)
    out, errors = await process.communicate()
    return process.returncode, (out + errors).decode()


@pytest.mark.timeout(240)
async def test_a_check_changes_nothing_and_the_command_mends(servers: Servers, run_id: str, tmp_path: Path) -> None:
    place = Place(servers, run_id, tmp_path)
    await place.prepare()
    with MongoClient[Any](servers.uri) as client:
        rows = client[f"{run_id}_translation"].profiles
        row = {"owner": "hanbit", "state": "published", "text_ids": [], "former_text_ids": []}
        rows.insert_one({"_id": "stray", "revision": 1, "at": 1, "sequence": 3, **row})
        before = rows.find_one({"_id": "stray"})
        code, text = await said(place, "profiles", "--check")
        assert code == 1 and "1 are not in the topic" in text and "stray" in text and "Nothing was changed" in text
        assert rows.find_one({"_id": "stray"}) == before
        code, text = await said(place, "profiles")
        assert code == 0 and "The rows are what the topic says" in text, text
        after = rows.find_one({"_id": "stray"})
        assert after is not None and (after["state"], after["sequence"]) == ("erased", 4)
        code, text = await said(place, "profiles", "--check")
        assert code == 0 and "0 are not in the topic" in text
        code, text = await said(place, "matches")
        assert code == 2 and "invalid choice" in text
