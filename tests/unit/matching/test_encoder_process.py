"""Encoders in a process of their own answer as here; whatever happens to it, the next call finds one."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.common import Text
from services.chassis.model import Unavailable
from services.matching.embedders import embedder
from services.matching.encoder import Encoder
from services.matching.encoder_process import EncoderEnded, EncoderProcess, EncodingFailed, ProcessEncoder, asking
from services.matching.encoder_process.messages import packed, plain
from tests.support.descendants import is_alive
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
QUICK = "bigrams-1"
TEXTS = [
    Text(lang="ko", text="자율주행용 라이다를 공급합니다. 시험 제작도 맡습니다."),
    Text(lang="zh", text="我们不生产激光雷达。"),
    Text(lang="en", text="We need solid electrolytes.\n- in kg\n- dry"),
]
PARENT = """
import signal, sys
from schemas.common import Text
from services.matching.encoder_process import EncoderProcess
process = EncoderProcess("bigrams-1", 1)
process.ask(0, [Text(lang="en", text="hello")])
print(process.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def process() -> Iterator[EncoderProcess]:
    found = EncoderProcess(QUICK, 1)
    yield found
    found.stop()


@pytest.mark.parametrize("name", [QUICK, "use-multilingual-3"])
def test_it_answers_as_the_encoder_here(name: str) -> None:
    here = Encoder(embedder(name))
    process = EncoderProcess(name, 1)
    try:
        there = ProcessEncoder(process, 0, here.name)
        assert there.encode(TEXTS) == here.encode(TEXTS)
        assert there.encode([]) == []
        assert (there.name, there.is_metered) == (here.name, here.is_metered)
    finally:
        process.stop()


def test_each_encoder_of_a_process_has_a_connection_of_its_own() -> None:
    process = EncoderProcess("use-then-e5-1", 2)
    try:
        first, second = (process.ask(number, TEXTS[:1])[0] for number in range(2))
        assert first.encoder.startswith("use-multilingual-3/") and second.encoder.startswith("use-e5-1/")
    finally:
        process.stop()


def test_where_it_is_killed_the_next_call_has_another_one(process: EncoderProcess) -> None:
    before = process.ask(0, TEXTS)
    pid = process.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    # Either it is seen that there is none, or its end is met by this call; never an answer of nothing.
    try:
        assert process.ask(0, TEXTS) == before
    except EncoderEnded:
        assert process.ask(0, TEXTS) == before
    assert process.pid != pid


def test_one_that_hangs_is_ended(process: EncoderProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    process.ask(0, TEXTS)
    pid = process.pid
    assert pid is not None
    monkeypatch.setattr(asking, "ASK_SECONDS", 0.2)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(EncoderEnded):
        process.ask(0, TEXTS)
    assert not is_alive(pid)
    monkeypatch.undo()
    assert len(process.ask(0, TEXTS)) == 3 and process.pid != pid


def test_an_error_of_the_encoder_fails_these_texts_alone(
    process: EncoderProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "question", lambda texts: packed({"texts": [{"lang": "en"}]}))
    with pytest.raises(EncodingFailed):
        process.ask(0, TEXTS)
    monkeypatch.undo()
    assert len(process.ask(0, TEXTS)) == 3


def test_one_that_cannot_start_is_waited_for() -> None:
    """Jobs wait, and none of their tries is counted: it is no text's trouble."""
    process = EncoderProcess("no-such-embedder", 1)
    for _ in range(2):
        with pytest.raises(Unavailable, match="does not start: ValueError"):
            process.ask(0, TEXTS)
    process.stop()


async def test_it_runs_as_long_as_the_service(process: EncoderProcess) -> None:
    serving = asyncio.ensure_future(process.serve())
    await eventually(lambda: process.pid is not None, "it is started before the first call")
    assert len(await asyncio.to_thread(process.ask, 0, TEXTS)) == 3
    pid = process.pid
    assert pid is not None
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    assert not is_alive(pid)
    with pytest.raises(Unavailable):
        await asyncio.to_thread(process.ask, 0, TEXTS)


def test_it_is_ended_also_while_it_starts(process: EncoderProcess) -> None:
    """A service that is told to end does not wait for a model."""
    failed = list[Exception]()

    def ask() -> None:
        try:
            process.ask(0, TEXTS)
        except Unavailable as error:
            failed.append(error)

    asking_now = threading.Thread(target=ask)
    asking_now.start()
    asyncio.run(eventually(lambda: process.pid is not None, "it starts"))
    process.stop()
    asking_now.join(10)
    assert not asking_now.is_alive() and len(failed) == 1


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


def test_it_has_no_secrets(process: EncoderProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAGPIE_SECRET_KEY", "a-secret-that-no-encoder-needs")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    process.ask(0, TEXTS)
    environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    assert b"SECRET" not in environment and b"OPENBLAS_NUM_THREADS=2" in environment
