"""The page of the events needs nothing but itself, and says of each event what the contract says."""

from __future__ import annotations

import re
from html import unescape

import pytest

from schemas import page
from schemas.catalogue import EVENTS
from schemas.registry import Topic, registry

TEXT = page.text()


def test_it_is_up_to_date() -> None:
    assert page.FILE.read_text() == TEXT, "run `make schemas`"


def test_it_fetches_and_runs_nothing_and_is_light() -> None:
    for foreign in ("<script", "<link", "<img", "<iframe", "src=", "@import", "url(", " onload", "http:"):
        assert foreign not in TEXT, foreign
    assert {target for target in re.findall("href='([^']*)'", TEXT) if not target.startswith("#")} == set()
    assert set(re.findall("href='#([^']*)'", TEXT)) <= set(re.findall("id='([^']*)'", TEXT)), "each link has its place"
    assert len(TEXT.encode()) < 120_000


@pytest.mark.parametrize("topic", [topic for topic in registry() if topic.events], ids=lambda topic: topic.title)
def test_it_says_what_the_page_of_a_topic_says(topic: Topic) -> None:
    part = unescape(TEXT.partition(f"<h2 id='{topic.title}'>")[2].partition("<h2 ")[0])
    for said in (*topic.rely_on, topic.access, topic.contact, topic.key):
        assert said in part
    assert re.findall("<h3 id='([^']*)'", part) == topic.events


def test_it_names_fields_with_their_values() -> None:
    assert set(re.findall("<h3 id='([^']*)'", TEXT)) == set(EVENTS)
    for said in ("offers[].text.lang", "map to object", "Known values: onsite, online; expect others.", "ce_sequence"):
        assert said in unescape(TEXT)
    schema = {"properties": {"x": {"type": "string"}, "y": {"patternProperties": {"a": {"type": "null"}}}}}
    named = page.fields_of({**schema, "required": ["x"]})
    assert named == [("x", "string", "always", ""), ("y", "map to null", "may be absent", "")]
