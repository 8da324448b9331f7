"""The encoders that the settings name."""

from __future__ import annotations

from .embedders import CharacterEncoder, Embedder, stages
from .encoder import Encoder
from .endpoint_embedder import endpoint_embedder
from .settings import ENDPOINT, MatchingSettings

WITHOUT_MODEL = (ENDPOINT, CharacterEncoder.name)
"""What takes no time of this process worth speaking of."""


def encoders_of(settings: MatchingSettings) -> list[Encoder]:
    """One, or the one that answers at once and the one that completes. Raises ValueError."""
    chosen: tuple[Embedder | None, ...]
    chosen = (endpoint_embedder(settings),) if settings.embedder == ENDPOINT else stages(settings.embedder)
    return [Encoder(one) for one in chosen if one is not None]
