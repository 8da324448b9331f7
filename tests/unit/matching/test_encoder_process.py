"""An encoder in a process of its own answers as here; whatever happens to it, the next call finds one."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from schemas.common import Text
from services.chassis.model import Unavailable, safe_text
from services.matching.embedders import embedder
from services.matching.encoder import Encoder
from services.matching.encoder_process import EncoderEnded, EncoderProcess, EncodingFailed, asking
from services.matching.encoder_process.messages import packed, plain
from tests.support.descendants import descendants, is_alive
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
QUICK = "bigrams-1"
TEXTS = [
    Text(lang="ko", text="자율주행용 라이다를 공급합니다. 시험 제작도 맡습니다."),
    Text(lang="zh", text="我们不生产激光雷达。"),
    Text(lang="en", text="We need solid electrolytes.\n- in kg\n- dry"),
]
LARGE = [Text(lang="ko", text="가" * 2000)] * 60
"""More than a socket holds."""
PARENT = """
import os, signal
from schemas.common import Text
from services.matching.encoder_process import EncoderProcess
process = EncoderProcess("bigrams-1", "")
process.encode([Text(lang="en", text="hello")])
print(process.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def process() -> Iterator[EncoderProcess]:
    found = EncoderProcess(QUICK, "bigrams-1/7")
    yield found
    found.stop()


def pid_of(process: EncoderProcess) -> int:
    assert process.pid is not None
    return process.pid


@pytest.mark.parametrize("name", [QUICK, "use-multilingual-3"])
def test_it_answers_as_the_encoder_here(name: str) -> None:
    here = Encoder(embedder(name))
    there = EncoderProcess(name, here.name)
    try:
        assert there.encode(TEXTS) == here.encode(TEXTS)
        assert there.encode([]) == []
        assert len(there.encode(LARGE)) == len(LARGE)
        assert (there.name, there.is_metered) == (here.name, here.is_metered)
    finally:
        there.stop()


def test_where_it_is_killed_the_next_call_has_another_one(process: EncoderProcess) -> None:
    before, pid = process.encode(TEXTS), pid_of(process)
    os.kill(pid, signal.SIGKILL)
    # Either it is seen that there is none, or its end is met by this call; never an answer of nothing.
    try:
        assert process.encode(TEXTS) == before
    except EncoderEnded as error:
        assert "ended with -9" in safe_text(error)
        assert process.encode(TEXTS) == before
    assert process.pid != pid


@pytest.mark.parametrize("texts", [TEXTS, LARGE], ids=["answer", "question"])
def test_one_that_hangs_is_ended(process: EncoderProcess, monkeypatch: pytest.MonkeyPatch, texts: list[Text]) -> None:
    """While its answer is waited for, and while it is asked."""
    process.encode(TEXTS)
    pid = pid_of(process)
    monkeypatch.setattr(asking, "ASK_SECONDS", 0.2)
    monkeypatch.setattr(asking, "ASK_SECONDS_A_CHARACTER", 0.0)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(EncoderEnded):
        process.encode(texts)
    assert not is_alive(pid)
    monkeypatch.undo()
    assert len(process.encode(TEXTS)) == 3 and process.pid != pid


def test_an_error_of_the_encoder_fails_these_texts_alone(
    process: EncoderProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "question", lambda texts: packed({"texts": [{"lang": "en"}]}))
    with pytest.raises(EncodingFailed) as failed:
        process.encode(TEXTS)
    assert "text: missing" in safe_text(failed.value)
    monkeypatch.undo()
    assert len(process.encode(TEXTS)) == 3


@pytest.mark.parametrize("guarded", [True, False])
def test_an_answer_that_was_not_taken_is_never_that_of_the_next_call(
    process: EncoderProcess, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Else a profile would be found by the texts of another one."""
    right = process.encode(TEXTS[1:2])

    def full(self: Any, *limit: int) -> bytes:
        raise MemoryError

    monkeypatch.setattr(Connection, "recv_bytes", full)
    if not guarded:
        monkeypatch.setattr(asking.Child, "end", lambda self: None)
    with pytest.raises(MemoryError):
        process.encode(TEXTS[:1])
    monkeypatch.undo()
    assert (process.encode(TEXTS[1:2]) == right) is guarded


def test_one_that_cannot_start_is_waited_for() -> None:
    """Jobs wait, and none of their tries is counted: it is no text's trouble."""
    process = EncoderProcess("no-such-embedder", "")
    for _ in range(2):
        with pytest.raises(Unavailable, match="does not start: ValueError"):
            process.encode(TEXTS)
    process.stop()


async def test_it_runs_as_long_as_the_service(process: EncoderProcess) -> None:
    serving = asyncio.ensure_future(process.serve())
    await eventually(lambda: process.pid is not None, "it is started before the first call")
    assert len(await asyncio.to_thread(process.encode, TEXTS)) == 3
    pid = pid_of(process)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    assert not is_alive(pid)
    with pytest.raises(Unavailable):
        await asyncio.to_thread(process.encode, TEXTS)
    assert not descendants(os.getpid(), asking.MODULE)


async def test_a_service_that_ends_does_not_wait_for_a_start(process: EncoderProcess) -> None:
    serving = asyncio.ensure_future(process.serve())
    await eventually(lambda: process.pid is not None, "it starts")
    os.kill(pid_of(process), signal.SIGSTOP)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    assert not is_alive(pid_of(process))


def test_who_waits_for_it_is_told_that_the_service_ends(process: EncoderProcess) -> None:
    process.encode(TEXTS)
    os.kill(pid_of(process), signal.SIGSTOP)
    failed = list[Exception]()

    def ask() -> None:
        try:
            process.encode(TEXTS)
        except Unavailable as error:
            failed.append(error)

    waiting = threading.Thread(target=ask)
    waiting.start()
    process.stop()
    waiting.join(10)
    assert not waiting.is_alive() and len(failed) == 1


async def test_a_service_that_is_killed_leaves_none_behind() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(await asyncio.to_thread(parent.stdout.readline))
        assert is_alive(child)
        parent.kill()
    await eventually(lambda: not is_alive(child), "its process is gone", 10)


def test_what_comes_back_is_data_and_no_code() -> None:
    assert plain(packed({"texts": [{"vector": b"1", "weight": 0.5}]})) == {"texts": [{"vector": b"1", "weight": 0.5}]}
    with pytest.raises(pickle.UnpicklingError):
        plain(pickle.dumps({"texts": Path("a")}))


def test_it_has_no_secrets_and_imports_nothing_from_where_it_is_started(
    process: EncoderProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MAGPIE_SECRET_KEY", "a-secret-that-no-encoder-needs")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "__init__.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    process.encode(TEXTS)
    environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    assert b"SECRET" not in environment and b"OPENBLAS_NUM_THREADS=2" in environment
