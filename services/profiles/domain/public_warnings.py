"""What an owner is told of its own public texts: places that may point to a person, though they were taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.screening import screen

from .profile import Profile, ProfileContent


@dataclass(frozen=True)
class PublicWarning:
    """A place in a text: `pointer` is the field as a JSON pointer into the body, `character` counts from 1."""

    pointer: str
    character: int
    detail: str


def warnings(content: Profile | ProfileContent) -> list[PublicWarning]:
    """All places that may point to a person, in the order of the body."""
    return [
        PublicWarning(
            pointer,
            finding.at + 1,
            f"may be a {finding.kind}: it is published as it stands; take it out if it points to a person",
        )
        for pointer, text in _texts(content)
        for finding in screen(text)
    ]


def _texts(content: Profile | ProfileContent) -> Iterator[tuple[str, str]]:
    organisation = content.organisation
    names = organisation.names
    yield from ((f"/organisation/names/{lang}", name) for lang, name in names.model_dump().items() if name)
    yield "/organisation/legal_name", organisation.legal_name
    if organisation.website:
        yield "/organisation/website", organisation.website
    for at, certification in enumerate(organisation.certifications):
        for field, value in certification.model_dump().items():
            if isinstance(value, str):
                yield f"/organisation/certifications/{at}/{field}", value
    # Not the entries themselves: those of a profile and those of its content have no type in common.
    said = {"offers": [e.text.text for e in content.offers], "needs": [e.text.text for e in content.needs]}
    for side, texts in said.items():
        yield from ((f"/{side}/{at}/text/text", text) for at, text in enumerate(texts))
