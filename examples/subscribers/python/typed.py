"""Who meets whom: what happens on `magpie.meetings.v1`, read with the models of the package `magpie-events`.

    python typed.py              prints what is on the topic, and ends where it ends

For a subscriber that keeps something, see directory.py: this one only shows the models."""

from __future__ import annotations

import asyncio
import os

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from directory import settings
from magpie_events import NotAnEvent, Received, decode
from magpie_events.meetings import MeetingState
from topic_id import topic_id

TOPIC = os.environ.get("TOPIC", "magpie.meetings.v1")


def sentence(received: Received) -> str:
    """One line about an event."""
    if received.is_erasure:
        return f"{received.key} is erased"
    if not isinstance(received.event, MeetingState):
        return f"{received.key}: {received.type} is about no meeting"
    meeting = received.event
    return f"{received.key} is {meeting.state}: {' and '.join(meeting.parties)} at {meeting.start}"


async def main() -> None:
    """Reads up to the end of the topic as it is now."""
    consumer = AIOKafkaConsumer(
        **settings(), group_id=None, auto_offset_reset="earliest", isolation_level="read_committed"
    )
    async with consumer:
        _, count = await topic_id(consumer, TOPIC)
        places = [TopicPartition(TOPIC, number) for number in range(count)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=300)).values():
                for record in records:
                    print(line(record))


def line(record: ConsumerRecord[bytes, bytes]) -> str:
    """What a record says, or that it says nothing."""
    try:
        return sentence(decode(record.key, record.value, record.headers))
    except NotAnEvent as error:
        return f"set aside: {record.partition}/{record.offset}: {error}"


if __name__ == "__main__":
    asyncio.run(main())
