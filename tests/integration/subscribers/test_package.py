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
from tests.support.contract import examples, refused

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


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Asks the installed package."""
    folder = tmp_path_factory.mktemp("package")
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    pip = [str(folder / "venv" / "bin" / "pip"), "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(PACKAGE)], check=True, env=outside)
    (wheel,) = folder.glob("magpie_events-*.whl")
    subprocess.run([*pip, "install", str(wheel)], check=True, env=outside)

    def asked(records: list[Asked]) -> list[Any]:
        command = [str(folder / "venv" / "bin" / "python"), "-c", READ]
        done = subprocess.run(
            command, input=json.dumps(records), capture_output=True, text=True, cwd=folder, env=outside
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return asked


def as_asked(example: dict[str, Any]) -> Asked:
    value = None if example["value"] is None else json.dumps(example["value"], ensure_ascii=False)
    return example["key"], value, list(example["headers"].items())


@pytest.mark.timeout(120)
def test_it_reads_every_example_and_refuses_what_is_no_event(read: Reader) -> None:
    valid = examples()
    assert {example["headers"]["ce_type"] for example in valid} == set(EVENTS)
    for example, found in zip(valid, read([as_asked(example) for example in valid]), strict=True):
        headers = example["headers"]
        sequence, is_erasure = int(headers["ce_sequence"]), example["value"] is None
        assert found[:-1] == [headers["ce_type"], headers["ce_id"], example["key"], sequence, is_erasure]
        assert (example["value"] or {}).items() <= (found[-1] or {}).items()
    bad = [sample for event in EVENTS for sample in refused(event)]
    for sample, answer in zip(bad, read([as_asked(sample) for sample in bad]), strict=True):
        assert list(answer) == ["refused"], (sample["reason"], answer)
    example = next(example for example in valid if example["headers"]["ce_type"] == "magpie.profile.published")
    key, value, headers = as_asked(example)
    broken = read(
        [(key, value, [*headers[:-1], (headers[-1][0], "")]), ("other", value, headers), (key, "{", headers)]
    )
    assert all(list(answer) == ["refused"] for answer in broken)
    secret = json.dumps(example["value"] | {"names": {"ko": {"한빛비밀": 1}}}, ensure_ascii=False)
    (answer,) = read([(key, secret, headers)])
    assert answer == {"refused": "magpie.profile.published: names.ko: string_type"}


def test_what_a_later_release_adds_is_no_error(read: Reader) -> None:
    example = next(example for example in examples() if example["headers"]["ce_type"] == "magpie.profile.published")
    key, _, headers = as_asked(example)
    later = json.dumps(example["value"] | {"added_later": {"x": 1}}, ensure_ascii=False)
    unknown = [(name, "magpie.profile.endorsed" if name == "ce_type" else value) for name, value in headers]
    known, passed_over = read([(key, later, headers), (key, later, unknown)])
    assert known[-1] == example["value"] and passed_over[-1] is None and passed_over[4] is False
