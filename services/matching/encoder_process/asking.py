"""Starts the process of an encoder, asks it, and starts it again when it has ended."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe

from schemas.common import Text
from services.chassis.model import Doc, Unavailable, WorkFailed
from services.chassis.ops import logger

from ..domain.indexed_profile import EncodedText
from ..limited_process import bare_environment
from .messages import plain, question

log = logger(__name__)
MODULE = "services.matching.encoder_process"
START_SECONDS = 120.0
"""Until the model is loaded: two or three on a machine with nothing else to do."""
ASK_SECONDS, ASK_SECONDS_A_CHARACTER = 60.0, 0.01
"""For a whole call. The slower encoder takes 1.5 ms a character on one core; the largest profile has 100,000."""
END_SECONDS = 5.0
MAX_BYTES = 64 * 2**20
"""Of an answer: 32 texts have 0.5 MB."""
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
"""What an operator may have set for the libraries that calculate."""


class EncoderEnded(WorkFailed):
    """The process ended amid a call, or did not answer in time: these texts may be why, so it counts as their try."""


class EncodingFailed(WorkFailed):
    """The encoder has raised an error for these texts."""


@dataclass(frozen=True, eq=False)
class Child:
    """One process, and the connection to it."""

    process: subprocess.Popen[bytes]
    connection: Connection

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def exchange(self, asked: bytes | None, seconds: float) -> Doc:
        """Says something, if there is something to say, and hears the answer. At the end of the time it is killed,
        which ends the waiting also where it is half told. Raises EOFError or OSError where there is no answer, and ends
        the process after any error: what is left in the connection would be taken for the next answer."""
        late = threading.Timer(seconds, self.process.kill)
        late.start()
        try:
            if asked is not None:
                self.connection.send_bytes(asked)
            return plain(self.connection.recv_bytes(MAX_BYTES))
        except BaseException:
            self.end()
            raise
        finally:
            late.cancel()

    def end(self) -> int | None:
        """Ends it. Returns its exit code; None if it is not gone in time."""
        self.process.kill()
        try:
            return self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            return None


class EncoderProcess:
    """The process of one encoder; it runs from the start of the service to its end. `name` is that of its encodings."""

    is_metered = False

    def __init__(self, embedder: str, name: str) -> None:
        """`embedder`: one that `embedders.embedder` knows. Nothing is started yet."""
        self._embedder, self.name = embedder, name
        self._turn = threading.Lock()
        self._child: Child | None = None
        self._stopped = threading.Event()

    @property
    def pid(self) -> int | None:
        """Of the process as it is now."""
        child = self._child
        return child.process.pid if child else None

    async def serve(self) -> None:
        """Runs until cancelled. Starts the process before the first call, and ends it."""
        self._stopped.clear()
        try:
            await asyncio.to_thread(self._begin)
            await asyncio.get_running_loop().create_future()
        finally:
            self.stop()

    def stop(self) -> None:
        """Ends the process; from here on there is none. Callers that wait get Unavailable."""
        # In this order: a start that goes on meanwhile sees the one, or is seen here.
        self._stopped.set()
        if (child := self._child) is not None:
            child.end()

    def encode(self, texts: Sequence[Text]) -> list[EncodedText]:
        """One encoded text for each text, in the same order. Waits for the process: call it in a thread. Raises
        EncoderEnded, EncodingFailed; Unavailable if it cannot be started, or the service ends."""
        seconds = ASK_SECONDS + ASK_SECONDS_A_CHARACTER * sum(len(text.text) for text in texts)
        with self._turn:
            child = self._running()
            try:
                found = child.exchange(question(texts), seconds)
            except (EOFError, OSError) as error:
                raise self._ended(child) from error
        if "failed" in found:
            log.warning("not_encoded", reason=found["failed"], traceback=found["traceback"])
            raise EncodingFailed(found["failed"])
        return [EncodedText.model_validate(text) for text in found["texts"]]

    def _begin(self) -> None:
        try:
            with self._turn:
                self._running()
        except Unavailable as error:
            log.warning("encoder_away", reason=str(error))  # jobs wait, and start it again

    def _running(self) -> Child:
        """The process, started if there is none. Raises Unavailable."""
        if self._stopped.is_set():
            raise Unavailable("the service ends")
        if self._child is not None and self._child.is_running:
            return self._child
        try:
            child = self._child = launched(self._embedder)
        except OSError as error:
            raise Unavailable(f"the process of the encoder does not start: {type(error).__name__}") from error
        if self._stopped.is_set():
            child.end()
        if (reason := _trouble(child)) is not None:
            raise Unavailable(f"the process of the encoder does not start: {reason}")
        return child

    def _ended(self, child: Child) -> Exception:
        """What a caller is told whose process has ended."""
        if self._stopped.is_set():
            return Unavailable("the service ends")
        code = child.process.returncode
        log.warning("encoder_ended", code=code)
        return EncoderEnded(f"the process of the encoder ended with {code}")


def _trouble(child: Child) -> str | None:
    """Waits until it has begun; why it has not, else None."""
    try:
        said = child.exchange(None, START_SECONDS)
    except (EOFError, OSError):
        return f"it ended with {child.process.returncode}"
    if "failed" not in said:
        return None
    child.end()
    return str(said["failed"])


def launched(embedder: str) -> Child:
    """A process that has just begun. Raises OSError."""
    ours, theirs = Pipe()
    set_here = {name: os.environ[name] for name in THREADS if name in os.environ}
    # Closed here at the end of the call: only the process holds it then, so its end is seen.
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE, embedder, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            # Never written to: it is closed when this process is gone, however it goes.
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=bare_environment() | set_here,
            # Ctrl-C is for the service, which lets its jobs end first.
            start_new_session=True,
        )
    return Child(process, ours)
