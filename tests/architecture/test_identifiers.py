"""Every form of an id that a request may bring refuses the number of a person: ids stand in logs and events."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import TypeAdapter, ValidationError

ROOT = Path(__file__).parents[2]
STORED = ("PersonId", "PlaceId")
"""What the domain stores, also from before: where a request sets one, its form adds the check."""
NUMBERS = ("010-1234-5678", "13812345678", "900101-1234567")


def is_taken(form: Any, text: str) -> bool:
    """Whether a form takes a text."""
    try:
        TypeAdapter(form).validate_python(text)
    except ValidationError:
        return False
    return True


def forms() -> Iterator[tuple[str, Any]]:
    """The forms with a pattern that the APIs name, each with its place."""
    for path in sorted((ROOT / "services").glob("*/api/*.py")):
        place = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name, form in vars(import_module(place)).items():
            is_text = get_origin(form) is Annotated and get_args(form)[0] is str
            if is_text and name not in STORED and "pattern" in TypeAdapter(form).json_schema():
                yield f"{place}:{name}", form


@pytest.mark.parametrize("number", NUMBERS)
def test_no_form_of_an_id_takes_the_number_of_a_person(number: str) -> None:
    assert [place for place, form in forms() if is_taken(form, number)] == []


def test_forms_are_found_and_take_ids() -> None:
    found = dict(forms())
    for place in ("translation.api.bodies:Slug", "matching.api.parameters:ProfileId", "profiles.api.slugs:Topic"):
        assert is_taken(found[f"services.{place}"], "semiconductor-12345678"), place
