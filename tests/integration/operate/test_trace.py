"""The whole way of an act, from topics and logs; nothing of what was said on the way."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.local.services import free_base
from services.operate import ways
from tests.integration.operate.conftest import Place
from tests.support.kafka import ce_headers, send

ACT, OTHER = "act-00000001", "act-00000002"
TRACE, LATER = "ab" * 16, "ba" * 16


def traceparent(trace: str) -> str:
    return f"00-{trace}-{'cd' * 8}-01"


async def publish(place: Place, id: str, act: str, trace: str, topic: str = "") -> None:
    found = ce_headers(id, "magpie.match.proposed", 1, ce_correlationid=act, traceparent=traceparent(trace))
    await send(place.rig.bootstrap, topic or place.profiles, [(b"match-1", b'{"text": "SECRET"}', found)])


def logs(folder: Path) -> Path:
    """Of two replicas; also what is no line of ours."""
    folder.mkdir()

    def line(event: str, second: int, **more: object) -> str:
        stamp = f"2020-01-01T00:00:0{second}.000000Z"
        return json.dumps({"event": event, "service": "profiles", "timestamp": stamp, "level": "info", **more})

    first = [
        line("request", 1, correlation=ACT, trace=TRACE, route="/v1/profiles", status=201),
        line("request", 1, correlation=OTHER, trace=LATER),
        f"{ACT} is no JSON, {{ and neither is this",
        line("kafka_away", 2),
    ]
    second = [
        f"matching-1  | {line('decided', 2, correlation=ACT, trace=TRACE, wrote={'profiles': 1})}",
        line("job_failed", 3, trace=TRACE, traceback="a\nb"),
        line("decided", 4, correlation=OTHER, trace=TRACE),
    ]
    for name, lines in (("profiles-0.log", first), ("profiles-1.log", second)):
        (folder / name).write_text("\n".join(lines))
    return folder


async def steps(place: Place, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    await place.run("trace", *words, "--json")
    return json.loads(capsys.readouterr().out)


async def test_an_act_and_a_trace_are_followed_over_logs_and_topics(
    place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = str(logs(tmp_path / "logs"))
    await publish(place, "event-1", ACT, TRACE)
    await publish(place, "event-2", OTHER, LATER)
    await publish(place, "event-3", ACT, TRACE, place.dead_letters)
    found = await steps(place, capsys, ACT, "--logs", folder)
    assert [(step["what"], step["at"][:4] == "2020") for step in found["steps"]] == [
        ("request", True),
        ("decided", True),
        ("job_failed", True),
        ("magpie.match.proposed", False),
        ("magpie.match.proposed", False),
    ]
    assert {step["where"] for step in found["steps"][3:]} == {place.profiles, place.dead_letters}
    assert {step["about"]["id"] for step in found["steps"][3:]} == {"event-1", "event-3"}
    assert not found["more"] and not found["unread"] and "SECRET" not in str(found)
    by_trace = await steps(place, capsys, TRACE, "--logs", folder)
    assert [step["what"] for step in by_trace["steps"][:4]] == ["request", "decided", "job_failed", "decided"]
    await place.run("trace", ACT, "--logs", folder)
    text = capsys.readouterr().out
    assert text.startswith("AT ") and text.count("\n") == 6 and "status=201" in text and "wrote=profiles:1" in text


async def test_standard_input_is_a_log_too(
    place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (logs(tmp_path / "logs") / "profiles-1.log").read_text()
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    found = await steps(place, capsys, ACT, "--logs", "-")
    assert [step["what"] for step in found["steps"]] == ["decided", "job_failed"]
    with pytest.raises(ValueError, match="There are no logs in"):
        await steps(place, capsys, ACT, "--logs", str(tmp_path / "nowhere"))


async def test_without_kafka_the_logs_are_told(
    place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = place.installation.settings.model_copy(update={"kafka_bootstrap": f"127.0.0.1:{free_base()}"})
    monkeypatch.setattr(place, "installation", replace(place.installation, settings=settings))
    found = await steps(place, capsys, ACT, "--logs", str(logs(tmp_path / "logs")))
    assert [step["what"] for step in found["steps"]] == ["request", "decided", "job_failed"]
    assert f"{place.profiles}: KafkaConnectionError" in found["unread"]


@pytest.mark.parametrize("guarded", [True, False])
async def test_what_is_looked_at_is_bounded_and_it_says_so(
    guarded: bool, place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logs").mkdir()
    for n in range(6):
        await publish(place, f"event-{n}", ACT, TRACE)
    if guarded:
        monkeypatch.setattr(ways, "MAX_STEPS", 3)
    found = await steps(place, capsys, ACT, "--logs", str(tmp_path / "logs"))
    assert (len(found["steps"]) == 3) is guarded and found["more"] is guarded
    await place.run("trace", OTHER, "--logs", str(tmp_path / "logs"))
    assert "Nothing has this id" in capsys.readouterr().out
