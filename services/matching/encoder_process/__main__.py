"""The process: loads the encoders that a setting names, and answers at a connection for each until the service ends."""

from __future__ import annotations

import gc
import os
import sys
import threading
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from services.chassis.model import safe_text

from .messages import READY, answer, failure, packed, texts_of

if TYPE_CHECKING:
    from ..encoder import Encoder


def loaded(embedder: str) -> list[Encoder]:
    """The encoders. Models are loaded at their first use."""
    # Here, so that the service hears why it cannot be imported.
    from ..embedders import stages
    from ..encoder import Encoder

    found = [Encoder(one) for one in stages(embedder) if one is not None]
    gc.collect()
    gc.freeze()  # words and taxonomy stay: nothing is found by looking through them again
    return found


def serve(connection: Connection, encoder: Encoder) -> None:
    """Answers until the other side is gone; then the whole process ends."""
    try:
        while True:
            connection.send_bytes(_answered(connection.recv_bytes(), encoder))
    except (EOFError, OSError):
        os._exit(0)


def _answered(asked: bytes, encoder: Encoder) -> bytes:
    try:
        return answer(encoder.encode(texts_of(asked)))
    except Exception as error:
        return failure(safe_text(error))


def main() -> None:
    """Loads, says that it is ready, and serves."""
    connections = [Connection(int(place)) for place in sys.argv[2:]]
    try:
        encoders = loaded(sys.argv[1])
    except Exception as error:
        connections[0].send_bytes(failure(safe_text(error)))
        sys.exit(1)
    connections[0].send_bytes(packed(READY))
    for connection, encoder in zip(connections, encoders, strict=True):
        threading.Thread(target=serve, args=(connection, encoder)).start()


if __name__ == "__main__":
    main()
