"""The process: loads an encoder with its model, and answers until the service is gone."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from schemas.common import Text
from services.chassis.model import safe_text, safe_traceback

from .messages import READY, answer, failure, packed, texts_of

if TYPE_CHECKING:
    from ..encoder import Encoder


def loaded(embedder: str) -> Encoder:
    """The encoder. It has encoded something: what cannot be loaded is no text's trouble."""
    # Here, so that the service hears why it cannot be imported.
    from .. import embedders
    from ..encoder import Encoder

    found = Encoder(embedders.embedder(embedder))
    found.encode([Text(lang="en", text="We are looking for partners.")])
    gc.collect()
    gc.freeze()  # model and words stay: nothing is found by looking through them again
    return found


def serve(connection: Connection, encoder: Encoder) -> None:
    """Answers until the other side is gone."""
    while True:
        try:
            said = answer(encoder.encode(texts_of(connection.recv_bytes())))
        except (EOFError, OSError):
            return
        except Exception as error:
            said = failure(safe_text(error), safe_traceback(error))
        connection.send_bytes(said)


def end_with_the_service() -> None:
    """Also amid a long call: its end of standard input is closed when it is gone."""
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    """Loads, says that it is ready, and serves."""
    signal.signal(
        signal.SIGTERM, signal.SIG_IGN
    )  # where all of a group are told to end, the service lets jobs end first
    threading.Thread(target=end_with_the_service, daemon=True).start()
    connection = Connection(int(sys.argv[2]))
    try:
        encoder = loaded(sys.argv[1])
    except Exception as error:
        connection.send_bytes(failure(safe_text(error), safe_traceback(error)))
        sys.exit(1)
    connection.send_bytes(packed(READY))
    serve(connection, encoder)


if __name__ == "__main__":
    main()
