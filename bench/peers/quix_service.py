"""quix_service.py BOOTSTRAP PREFIX DIRECTORY BATCH: each order becomes an effect in RocksDB and an event, exactly once.

Written with Quix Streams as its guide has it: state with a changelog topic, one Kafka transaction for state, events and
offsets, committed every BATCH records. It imports nothing of Magpie, because it runs in an environment of its own."""

import sys
from typing import Any

from quixstreams import Application, State


def apply(order: dict[str, Any], state: State) -> dict[str, Any] | None:
    """Saves the effect of an order once. Returns the event, or None for an order that was seen before."""
    if state.exists(order["id"]):
        return None
    state.set(order["id"], order)
    return order


def main() -> None:
    """Runs until it is stopped."""
    bootstrap, prefix, directory, batch = sys.argv[1:5]
    application = Application(
        broker_address=bootstrap,
        consumer_group=prefix,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        state_dir=directory,
        commit_every=int(batch),
        loglevel="WARNING",
    )
    orders = application.topic(f"{prefix}.orders.v1", value_deserializer="json")
    effects = application.topic(f"{prefix}.effects.v1", value_serializer="json")
    application.dataframe(orders).apply(apply, stateful=True).filter(lambda event: event is not None).to_topic(effects)
    application.run()


if __name__ == "__main__":
    main()
