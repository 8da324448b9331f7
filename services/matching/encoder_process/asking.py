"""Starts the process of the encoders, asks it, and starts it again when it has ended."""

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
from services.chassis.model import Doc, Unavailable
from services.chassis.ops import logger

from ..domain.indexed_profile import EncodedText
from ..limited_process import bare_environment
from .messages import plain, question

log = logger(__name__)
MODULE = "services.matching.encoder_process"
ASK_SECONDS = 120.0
"""For a whole answer; one that takes longer is not waited for. The slower encoder takes 2 s for a full call, and the
first call loads the model."""
START_SECONDS = 120.0
"""Two on a machine with nothing else to do."""
MAX_BYTES = 64 * 2**20
"""Of an answer: 32 texts have 0.5 MB."""
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
"""What an operator may have set for the libraries that calculate."""


class EncoderEnded(Exception):
    """The process ended amid a call, or did not answer in time: these texts may be why, so it counts as their try."""


class EncodingFailed(Exception):
    """The encoder has raised an error for these texts; the log says which."""


@dataclass(frozen=True, eq=False)
class Child:
    """One process, and a connection for each of its encoders. Who waits at a connection holds it: no one else closes
    it."""

    process: subprocess.Popen[bytes]
    connections: Sequence[Connection]

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def ask(self, encoder: int, asked: bytes) -> Doc:
        """Raises EOFError or OSError where there is no answer."""
        self.connections[encoder].send_bytes(asked)
        return self.hear(encoder, ASK_SECONDS)

    def hear(self, encoder: int, seconds: float) -> Doc:
        """What it says next. Raises EOFError or OSError (which TimeoutError is) where it says nothing."""
        connection = self.connections[encoder]
        if not connection.poll(seconds):
            raise TimeoutError(f"no answer within {seconds} s")
        return plain(connection.recv_bytes(MAX_BYTES))

    def end(self) -> int:
        """Ends it, and returns its exit code."""
        self.process.kill()
        return self.process.wait()


class EncoderProcess:
    """The process of the encoders that a setting names; it runs from the start of the service to its end. May be asked
    in threads, each encoder by one at a time."""

    def __init__(self, embedder: str, encoders: int) -> None:
        """`embedder`: as the setting names them; `encoders`: how many these are. Nothing is started yet."""
        self._embedder, self._encoders = embedder, encoders
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._is_stopped = False

    @property
    def pid(self) -> int | None:
        """Of the process as it is now."""
        child = self._child
        return child.process.pid if child else None

    async def serve(self) -> None:
        """Runs until cancelled. Starts the process before the first call, and ends it."""
        self._is_stopped = False
        try:
            await asyncio.to_thread(self._running)
        except Unavailable as error:
            log.warning("encoder_away", reason=str(error))  # jobs wait, and start it again
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.stop()

    def stop(self) -> None:
        """Ends the process; from here on there is none. Callers that wait get Unavailable."""
        # In this order: a start that goes on meanwhile sees the one, or is seen here.
        self._is_stopped = True
        if (child := self._child) is not None:
            child.end()

    def ask(self, encoder: int, texts: Sequence[Text]) -> list[EncodedText]:
        """One encoded text for each text. Raises EncoderEnded, EncodingFailed; Unavailable if it cannot be started."""
        child = self._running()
        try:
            found = child.ask(encoder, question(texts))
        except (EOFError, OSError) as error:
            self._has_ended(child, error)
            raise EncoderEnded from error
        if "failed" in found:
            log.warning("not_encoded", reason=found["failed"])
            raise EncodingFailed
        return [EncodedText.model_validate(text) for text in found["texts"]]

    def _running(self) -> Child:
        """The process, started if there is none. Raises Unavailable."""
        with self._lock:
            if self._child is not None and self._child.is_running:
                return self._child
            return self._start()

    def _start(self) -> Child:
        try:
            child = self._child = launched(self._embedder, self._encoders)
        except OSError as error:
            raise Unavailable(f"the process of the encoder does not start: {type(error).__name__}") from error
        if self._is_stopped:
            child.end()
        if (reason := _trouble(child)) is not None:
            child.end()
            raise Unavailable(f"the process of the encoder does not start: {reason}")
        return child

    def _has_ended(self, child: Child, error: Exception) -> None:
        """Ends it for good, where it was hanging. Raises Unavailable if the service is about to end."""
        code = child.end()
        if self._is_stopped:
            raise Unavailable("the service ends") from error
        log.warning("encoder_ended", code=code, reason=type(error).__name__)


def _trouble(child: Child) -> str | None:
    """Waits until it has begun; why it has not, else None."""
    try:
        said = child.hear(0, START_SECONDS)
    except (EOFError, OSError) as error:
        return f"{type(error).__name__}, {error}"
    return said.get("failed")


def launched(embedder: str, encoders: int) -> Child:
    """A process that has just begun. Raises OSError."""
    pairs = [Pipe() for _ in range(encoders)]
    places = [theirs.fileno() for _, theirs in pairs]
    set_here = {name: os.environ[name] for name in THREADS if name in os.environ}
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE, embedder, *map(str, places)],
            pass_fds=places,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=bare_environment() | set_here,
            # Ctrl-C is for the service, which lets its jobs end first.
            start_new_session=True,
        )
    finally:
        # Only the process holds them: so its end is seen here, and ours there.
        for _, theirs in pairs:
            theirs.close()
    return Child(process, [ours for ours, _ in pairs])


@dataclass(frozen=True)
class ProcessEncoder:
    """One encoder of the process: what `EncodeTogether` asks."""

    process: EncoderProcess
    number: int
    name: str
    is_metered = False

    def encode(self, texts: Sequence[Text]) -> list[EncodedText]:
        """As `EncoderProcess.ask`. Waits for the process: call it in a thread."""
        return self.process.ask(self.number, texts)
