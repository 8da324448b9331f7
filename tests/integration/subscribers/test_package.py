"""`magpie-events`, built as a wheel and installed where nothing of Magpie's is, reads every example of the contract."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.catalogue import EVENTS
from tests.support.contract import examples, refused, valid

PUBLISHED = valid("magpie.profile.published")["ko"]
PACKAGE = Path(__file__).parents[3] / "packages" / "magpie-events"
READ = """
import json, sys
from magpie_events import NotAnEvent, decode
for key, value, headers in json.load(sys.stdin):
    try:
        found = decode(key.encode(), None if value is None else value.encode(), [(n, v.encode()) for n, v in headers])
    except NotAnEvent as error:
        print(json.dumps({"refused": str(error)}))
        continue
    body = None if found.event is None else json.loads(found.event.model_dump_json(exclude_none=True))
    print(json.dumps([found.type, found.id, found.key, found.sequence, found.is_erasure, body]))
assert "schemas" not in sys.modules and "services" not in sys.modules
"""
Asked = tuple[str, str | None, list[tuple[str, str]]]
Reader = Callable[[list[Asked]], list[Any]]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Asks the installed package."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    pip = [str(tmp_path / "venv" / "bin" / "pip"), "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(tmp_path), str(PACKAGE)], check=True, env=outside)
    (wheel,) = tmp_path.glob("magpie_events-*.whl")
    subprocess.run([*pip, "install", str(wheel)], check=True, env=outside)

    def asked(records: list[Asked]) -> list[Any]:
        command = [str(tmp_path / "venv" / "bin" / "python"), "-c", READ]
        done = subprocess.run(
            command, input=json.dumps(records), capture_output=True, text=True, cwd=tmp_path, env=outside
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return asked


def as_asked(example: dict[str, Any]) -> Asked:
    value = None if example["value"] is None else json.dumps(example["value"], ensure_ascii=False)
    return example["key"], value, list(example["headers"].items())


def test_it_reads_every_sample_and_refuses_what_is_no_event(read: Reader) -> None:
    reads_what_is_valid(read)
    refuses_what_is_not(read)
    passes_over_what_a_later_release_adds(read)


def reads_what_is_valid(read: Reader) -> None:
    found_here = examples()
    assert {example["headers"]["ce_type"] for example in found_here} == set(EVENTS)
    for example, found in zip(found_here, read([as_asked(example) for example in found_here]), strict=True):
        headers = example["headers"]
        sequence, is_erasure = int(headers["ce_sequence"]), example["value"] is None
        assert found[:-1] == [headers["ce_type"], headers["ce_id"], example["key"], sequence, is_erasure]
        assert (example["value"] or {}).items() <= (found[-1] or {}).items()


def refuses_what_is_not(read: Reader) -> None:
    """And says which field it is, not what it holds."""
    bad = [sample for event in EVENTS for sample in refused(event)]
    for sample, answer in zip(bad, read([as_asked(sample) for sample in bad]), strict=True):
        assert list(answer) == ["refused"], (sample["reason"], answer)
    key, _, headers = as_asked(PUBLISHED)
    secret = json.dumps(PUBLISHED["value"] | {"names": {"ko": {"한빛비밀": 1}}}, ensure_ascii=False)
    wrong, no_json = read([(key, secret, headers), (key, "{", headers)])
    assert wrong == {"refused": "magpie.profile.published: names.ko: string_type"} and list(no_json) == ["refused"]


def passes_over_what_a_later_release_adds(read: Reader) -> None:
    key, _, headers = as_asked(PUBLISHED)
    later = json.dumps(PUBLISHED["value"] | {"added_later": {"x": 1}}, ensure_ascii=False)
    unknown = [(name, "magpie.profile.endorsed" if name == "ce_type" else value) for name, value in headers]
    known, passed_over = read([(key, later, headers), (key, later, unknown)])
    assert known[-1] == PUBLISHED["value"] and passed_over[-1] is None and passed_over[4] is False
