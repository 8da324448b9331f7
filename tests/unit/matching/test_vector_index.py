"""The index follows what is stored, also when only an encoder has changed."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from services.matching import vector_index
from services.matching.domain.indexed_profile import IndexedProfile
from services.matching.vector_index import VectorIndex
from tests.unit.matching.test_scoring import NOW, entry, profile


def stored(found: IndexedProfile) -> dict[str, Any]:
    return found.model_dump(by_alias=True)


def an_index(*profiles: IndexedProfile) -> VectorIndex:
    index = VectorIndex("e/1")
    for one in profiles:
        index.changed(one.id, stored(one))
    return index


def seeker(*, encoder: str = "e/1", vector: tuple[float, ...] = (1, 0)) -> IndexedProfile:
    me = profile("me", entry("n", encoder=encoder, vector=vector))
    return me.model_copy(update={"unproposed": ["n"]})


def provider(id: str = "a", **fields: Any) -> IndexedProfile:
    return profile(id, entry(f"o-{id}", "offer", **fields), country="CN")


def found(index: VectorIndex) -> list[str]:
    view = index.view("me")
    assert view is not None
    return [candidate.id for candidate in view.candidates(NOW)]


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("change", [{"vector": (0, 1)}, {"hubness": 0.5}, {"encoder": "e/2", "vector": (1, 0, 0)}])
def test_an_entry_with_another_vector_is_scanned_by_it(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], guarded: bool
) -> None:
    """The same id, as after a change of the encoder."""
    if not guarded:
        monkeypatch.setattr(vector_index, "_in_block", lambda entry: (entry.kind, entry.side, entry.id))
    index = an_index(seeker(), provider())
    assert found(index) == ["a"]
    index.changed("a", stored(provider(**change)))
    view = index.view("me")
    assert view is not None
    block = view.blocks["technology", "offer"]
    fresh = VectorIndex("e/1")
    for one in (seeker(), provider(**change)):
        fresh.changed(one.id, stored(one))
    expected = fresh.view("me")
    assert expected is not None
    wanted = expected.blocks["technology", "offer"]
    is_same = np.array_equal(block.vectors, wanted.vectors) and np.array_equal(block.hubness, wanted.hubness)
    assert is_same is guarded


def test_an_entry_of_another_encoder_is_searched_with_nothing() -> None:
    """A vector of another length, or of the same one: it says nothing about these."""
    index = an_index(seeker(encoder="e/2", vector=(1, 0, 0)), provider())
    assert found(index) == []
    view = index.view("me")
    assert view is not None
    with pytest.raises(ValueError, match="matmul"):
        dataclasses.replace(view, encoder="e/2").candidates(NOW)
