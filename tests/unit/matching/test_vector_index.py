"""The index follows what is stored, whatever changes during a scan, and a change costs what has changed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from services.chassis.model import Doc, Unavailable
from services.matching import index_contents, vector_block, vector_index
from services.matching.domain.indexed_profile import IndexedProfile
from services.matching.embedders import Vectors
from services.matching.index_contents import Contents
from services.matching.profile_file import ProfileFile, _room, document
from services.matching.vector_block import Block, Found
from services.matching.vector_index import VectorIndex, View
from tests.unit.matching.test_scoring import NOW, entry, profile

DIMENSIONS = 24
RANDOM = np.random.default_rng(19)


def stored(found: IndexedProfile) -> dict[str, Any]:
    return found.model_dump(by_alias=True)


def an_index(*profiles: IndexedProfile, encoder: str = "e/1") -> VectorIndex:
    index = VectorIndex(encoder)
    for one in profiles:
        index.changed(one.id, stored(one))
    return index


def seeker(*, encoder: str = "e/1", vector: tuple[float, ...] = (1, 0)) -> IndexedProfile:
    me = profile("me", entry("n", encoder=encoder, vector=vector))
    return me.model_copy(update={"unproposed": ["n"]})


def provider(id: str = "a", *, country: str = "CN", **fields: Any) -> IndexedProfile:
    return profile(id, entry(f"o-{id}", "offer", **fields), country=country)


def a_view(index: VectorIndex, id: str = "me") -> View:
    view = index.view(id)
    assert view is not None
    return view


def found(index: VectorIndex) -> list[str]:
    return [candidate.id for candidate in a_view(index).candidates(NOW)]


def some_vector(dimensions: int = DIMENSIONS) -> tuple[float, ...]:
    vector = RANDOM.standard_normal(dimensions)
    return tuple((vector / np.linalg.norm(vector)).tolist())


def changes_after_scan(monkeypatch: pytest.MonkeyPatch, change: Callable[[], None]) -> None:
    scan = Block.nearest

    def scan_and_change(self: Block, *args: Any) -> list[Found]:
        seen = scan(self, *args)
        change()
        return seen

    monkeypatch.setattr(Block, "nearest", scan_and_change)


def changes_before_segment(monkeypatch: pytest.MonkeyPatch, number: int, change: Callable[[], None]) -> None:
    scan = Block._best_of

    def change_and_scan(self: Block, place: int, *args: Any) -> Any:
        if place == number:
            change()
        return scan(self, place, *args)

    monkeypatch.setattr(Block, "_best_of", change_and_scan)


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("change", [{"vector": (0, 1)}, {"hubness": 1.0}, {"encoder": "e/2", "vector": (1, 0, 0)}])
def test_an_entry_with_another_vector_is_scanned_by_it(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], guarded: bool
) -> None:
    """The same id, as after a change of the encoder: its old place is given back, and nothing is near to that."""
    monkeypatch.setattr(vector_index, "RANKED", 1)
    if not guarded:
        monkeypatch.setattr(Contents, "discard", lambda *_: None)
    index = an_index(seeker(), provider("a", vector=(0.9, 0.1)), provider("b", vector=(0.8, 0.2)))
    assert found(index) == ["a"]
    index.changed("a", stored(provider("a", **change)))
    assert (found(index) == ["b"]) is guarded


def test_what_is_deleted_is_found_no_more_and_its_place_is_used_again() -> None:
    index = an_index(seeker(), provider("a"), provider("b"))
    assert found(index) == ["a", "b"]
    index.changed("a", None)
    index.changed("unknown", None)
    assert found(index) == ["b"] and len(index) == 2
    size = len(index._contents.file)
    index.changed("c", stored(provider("c")))
    assert found(index) == ["b", "c"]
    assert len(index._contents.file) == size
    assert [len(block) for block in index._contents.numbered] == [1, 2]


def test_a_profile_that_changes_again_and_again_takes_no_more_room() -> None:
    index = an_index(seeker(), provider("a"))
    index.changed("a", stored(provider("a")))
    size = len(index._contents.file)
    for n in range(50):
        index.changed("a", stored(provider("a", vector=(n % 2, 1))))
    assert len(index._contents.file) == size
    assert len(index._contents.numbered[1]) == 1 and index._contents.numbered[1]._used == 2


def test_an_entry_of_another_encoder_is_searched_with_nothing() -> None:
    """A vector of another length, or of the same one: it says nothing about these."""
    assert found(an_index(seeker(encoder="e/2", vector=(1, 0, 0)), provider())) == []


@pytest.mark.parametrize("guarded", [True, False])
def test_each_encoder_is_searched_by_itself(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """Of two that are on, a newcomer has the first encoding alone, and finds all that have it."""
    if not guarded:
        key = vector_index._key
        monkeypatch.setattr(vector_index, "_key", lambda entry: ("e/1", *key(entry)[1:]))
    index = VectorIndex("e/1", "e/2")
    both, second = provider("both"), provider("second", encoder="e/2")
    both = both.model_copy(update={"entries": [*both.entries, *provider("both", encoder="e/2").entries]})
    for one in (seeker(), both, second):
        index.changed(one.id, stored(one))
    assert found(index) == (["both"] if guarded else ["both", "second"])
    me = seeker()
    index.changed("me", stored(me.model_copy(update={"entries": [*me.entries, *seeker(encoder="e/2").entries]})))
    assert found(index) == ["both", "second"]


def test_only_what_is_unproposed_and_live_is_searched_and_only_across_the_border() -> None:
    assert found(an_index(seeker().model_copy(update={"unproposed": []}), provider())) == []
    assert found(an_index(profile("me", entry("n", expires_at=NOW)), provider())) == []
    assert found(an_index(seeker(), provider(country="KR"), provider("b"))) == ["b"]
    assert found(an_index(seeker())) == []


@pytest.mark.parametrize("guarded", [True, False])
def test_those_that_may_not_be_proposed_take_no_place_of_those_that_may(
    monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(IndexedProfile, "may_be_proposed", lambda *_: True)
    compatriots = [provider(f"k{n:03}", country="KR") for n in range(100)]
    index = an_index(seeker(), *compatriots, provider("a", vector=(0.7, 0.7)))
    assert ("a" in found(index)) is guarded


@pytest.mark.parametrize("guarded", [True, False])
def test_a_profile_that_moves_behind_the_scan_is_not_missed(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """It takes a slot where the scan has been, and gives back the one where the scan has not been yet."""
    monkeypatch.setattr(vector_block, "SEGMENT", 1)
    monkeypatch.setattr(vector_index, "RANKED", 1)
    if not guarded:
        monkeypatch.setattr(View, "_missed", lambda _: set())
    index = an_index(seeker(), provider("z"), provider("a"), provider("b"))
    index.changed("z", None)
    changes_before_segment(monkeypatch, 1, lambda: index.changed("a", stored(provider("a"))))
    assert found(index) == (["a", "b"] if guarded else ["b"])


@pytest.mark.parametrize("guarded", [True, False])
def test_a_profile_that_comes_near_after_the_scan_is_not_missed(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    monkeypatch.setattr(vector_index, "RANKED", 1)
    if not guarded:
        monkeypatch.setattr(View, "_missed", lambda _: set())
    index = an_index(seeker(), provider("a", vector=(0, 1)), provider("b", vector=(0.5, 0.5)))
    changes_after_scan(monkeypatch, lambda: index.changed("a", stored(provider("a"))))
    assert found(index) == (["a", "b"] if guarded else ["b"])


def test_what_is_erased_during_the_scan_is_not_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    index = an_index(seeker(), provider("a"), provider("b"))
    changes_after_scan(monkeypatch, lambda: index.changed("a", None))
    assert found(index) == ["b"]


def test_a_load_during_the_scan_leaves_its_view_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    index = an_index(seeker(), provider("a"), provider("b"))
    changes_before_segment(monkeypatch, 0, index.cleared)
    assert found(index) == ["a", "b"]
    assert len(index) == 0 and index.view("me") is None and index.known_texts("me") == {}


def read_once(contents: Contents, id: str) -> Doc:
    return document(contents.file.read(*index_contents.PLACE.unpack_from(contents.records[id])))


@pytest.mark.parametrize("guarded", [True, False])
def test_a_document_that_moves_while_it_is_read_is_read_again(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    index = an_index(provider("a"), provider("b"))
    read, moved = ProfileFile.read, list[bool]()

    def read_late(self: ProfileFile, start: int, length: int) -> bytes:
        if not moved:  # another profile is written to the place of the one that is read
            moved.append(True)
            index.changed("a", stored(provider("a", hubness=0.5)))
            index.changed("c", stored(provider("c")))
        return read(self, start, length)

    monkeypatch.setattr(ProfileFile, "read", read_late)
    if not guarded:
        monkeypatch.setattr(Contents, "read", read_once)
    doc = index._contents.read("a")
    assert doc is not None
    assert (doc["_id"] == "a" and doc["entries"][0]["hubness"] == 0.5) is guarded


def test_a_view_and_a_change_cost_their_profile_whatever_else_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is copied or built again: one document is read, and one vector per entry written."""
    index = an_index(seeker(), *(provider(f"p{n}", vector=some_vector(2)) for n in range(300)))
    done: list[str] = []
    read, add = ProfileFile.read, Block.add
    monkeypatch.setattr(ProfileFile, "read", lambda self, *a: done.append("read") or read(self, *a))  # type: ignore[func-returns-value]
    monkeypatch.setattr(Block, "add", lambda self, *a: done.append("add") or add(self, *a))  # type: ignore[func-returns-value]
    view = a_view(index)
    assert done == ["read"]
    index.changed("p7", stored(provider("p7")))
    assert done == ["read", "add"]
    assert "p7" in [candidate.id for candidate in view.candidates(NOW)]


def test_of_equals_the_first_by_id_are_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_index, "NEAREST", 3)
    ids = [f"p{n}" for n in range(9)]
    assert found(an_index(seeker(), *(provider(id) for id in reversed(ids)))) == ids[:3]


@pytest.mark.parametrize("guarded", [True, False])
def test_nothing_of_an_erased_profile_stays_in_the_file(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    index = an_index(provider("a"), provider("b"))
    if not guarded:
        monkeypatch.setattr(ProfileFile, "free", lambda *_: None)
    index.changed("a", None)
    left = index._contents.file.read(0, len(index._contents.file))
    assert b"org-b" in left
    assert (b"org-a" not in left) is guarded


def test_what_changes_all_the_time_is_found_by_every_scan_in_one_version() -> None:
    """In a real thread. Both entries of a version have the same hubness."""

    def version(n: int) -> dict[str, Any]:
        pair = [entry(f"o-{k}", "offer", hubness=float(n % 7)) for k in range(2)]
        return stored(profile("a", *pair, country="CN"))

    versions = [version(n) for n in range(7)]
    others = [stored(provider(f"p{n}")) for n in range(5)]
    index = an_index(seeker())
    index.changed("a", versions[0])
    number = itertools.count()
    with ThreadPoolExecutor(1) as pool:
        for _ in range(100):
            scan = pool.submit(a_view(index).candidates, NOW)
            while not scan.done():
                n = next(number)
                index.changed("a", versions[n % 7])
                index.changed(others[n % 5]["_id"], others[n % 5] if n % 2 else None)
            seen = {one.id: one for one in scan.result()}
            assert len({e.hubness for e in seen["a"].entries}) == 1


@pytest.mark.parametrize("guarded", [True, False])
def test_a_profile_that_was_read_is_kept_until_it_changes(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """In a rush the same profiles are near to one after the other."""
    if not guarded:
        monkeypatch.setattr(Contents, "_keep", lambda *_: None)
    index, reads, read = an_index(seeker(), provider("a"), provider("b")), list[str](), Contents.read
    monkeypatch.setattr(Contents, "read", lambda self, id: reads.append(id) or read(self, id))  # type: ignore[func-returns-value]
    assert found(index) == found(index) == ["a", "b"]
    assert (reads == ["me", "a", "b", "me"]) is guarded
    index.changed("a", stored(provider("a", hubness=0.5)))
    index.changed("b", None)
    seen = a_view(index).candidates(NOW)
    assert [(one.id, one.entries[0].hubness) for one in seen] == [("a", 0.5)]
    index.changed("a", stored(provider("a", country="KR")))
    assert found(index) == []


@pytest.mark.parametrize("guarded", [True, False])
def test_nothing_of_an_erased_profile_stays_among_those_that_were_read(
    monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Also if it is erased while it is read."""
    index = an_index(seeker(), provider("a"), provider("b"))
    contents, read = index._contents, Contents.read

    def read_late(self: Contents, id: str) -> Doc | None:
        doc = read(self, id)
        if id == "a":
            index.changed("a", None)
        return doc

    assert found(index) == ["a", "b"]
    index.changed("b", None)
    assert list(contents.parsed) == ["a"]
    contents.parsed.clear()
    monkeypatch.setattr(Contents, "read", read_late)
    if not guarded:
        monkeypatch.setattr(Contents, "_keep", lambda self, id, record, one: self.parsed.update({id: (record, one)}))
    found(index)
    assert (not contents.parsed) is guarded


def test_only_so_many_profiles_are_kept_as_they_were_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_contents, "MAX_PARSED", 8)
    index = an_index(seeker(), *(provider(f"p{n:02}") for n in range(30)))
    assert len(found(index)) == 30 and len(index._contents.parsed) <= 8


def test_known_texts_are_by_text_id() -> None:
    index = an_index(provider("a"))
    assert list(index.known_texts("a")) == [("text-o-a", "e/1")] and index.known_texts("b") == {}


def exact(query: Vectors, profiles: list[IndexedProfile], count: int) -> set[str]:
    near = {p.id: 2 * float(e.vector_array @ query) - e.hubness for p in profiles for e in p.entries}
    return set(sorted(near, key=lambda id: (-near[id], id))[:count])


@pytest.mark.parametrize("guarded", [True, False])
def test_the_nearest_are_those_of_an_exact_ranking_over_many_segments(
    monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Without the second ranking a byte per dimension confuses those that are almost equally near."""
    monkeypatch.setattr(vector_block, "SEGMENT", 64)
    monkeypatch.setattr(vector_block, "MAX_INT8", 15)
    monkeypatch.setattr(vector_index, "NEAREST", 20)
    monkeypatch.setattr(vector_index, "RANKED", 60 if guarded else 20)
    profiles = [provider(f"p{n}", vector=some_vector(), hubness=0.3 * float(RANDOM.random())) for n in range(700)]
    same = []
    for _ in range(10):
        me = seeker(vector=some_vector())
        index = an_index(me, *profiles)
        same.append(set(found(index)) == exact(me.entries[0].vector_array, profiles, 20))
    assert all(same) is guarded


def test_long_vectors_are_scanned_by_their_main_axes_and_ranked_whole() -> None:
    """With the axes that belong to the encoder that ships."""
    name = "use-e5-1/2"
    by = vector_index.axes(name)
    assert by is not None and by.shape == (896, vector_index.AXES)
    assert vector_index.axes("bigrams-1/2") is None
    profiles = [provider(f"p{n}", vector=some_vector(896), encoder=name) for n in range(80)]
    me = seeker(vector=some_vector(896), encoder=name)
    index = an_index(me, *profiles, encoder=name)
    assert index._contents.numbered[1].dimensions == vector_index.AXES
    assert set(found(index)) == exact(me.entries[0].vector_array, profiles, vector_index.NEAREST)


def test_a_vector_of_zeros_is_taken_in() -> None:
    """A text of one character has none but zeros in the encoder of bigrams."""
    assert found(an_index(seeker(), provider(vector=(0, 0)))) == ["a"]


def test_a_full_disk_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(*_: Any) -> int:
        raise OSError("No space left on device")

    index = an_index(provider("a"))
    monkeypatch.setattr("services.matching.profile_file.os.pwrite", no_space)
    with pytest.raises(Unavailable, match=r"No partners can be found without it\. Free space in .* TMPDIR"):
        index.changed("a", stored(provider("a", hubness=0.5)))
    assert list(index.known_texts("a")) == [("text-o-a", "e/1")]


@pytest.mark.parametrize("length", [1, 63, 64, 65, 1000, 4096, 25_000])
def test_a_place_in_the_file_has_room_and_wastes_little(length: int) -> None:
    assert length <= _room(length) <= max(length + 64, length * 9 / 8)


@pytest.mark.parametrize("viewed", [True, False])
def test_what_is_forgotten_is_taken_apart_unless_a_view_looks_at_it(viewed: bool) -> None:
    """A million records that go at once would hold the interpreter, and with it the event loop."""
    index = an_index(seeker(), provider("a"))
    before, view = index._contents, a_view(index) if viewed else None
    index.cleared()
    assert (len(before.records), len(index._contents.records)) == (2 if viewed else 0, 0)
    assert view is None or [one.id for one in view.candidates(NOW)] == ["a"]
