"""Vectors from an endpoint with the API of OpenAI's embeddings, public or on premises."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import numpy as np

from services.chassis.http import Endpoint, EndpointRefused

from .embedders import Parts, Vectors
from .settings import MatchingSettings

BATCH = 32
"""Texts of one request."""
MAX_BYTES = 16 * 1024 * 1024
SETTINGS = "MAGPIE_MATCHING_EMBEDDINGS_"
SETTINGS_TO_CHECK = {401: f"{SETTINGS}API_KEY", 403: f"{SETTINGS}API_KEY", 404: f"{SETTINGS}URL and {SETTINGS}MODEL"}


class EndpointEmbedder:
    """Texts leave this process. Neither they nor the key are logged.

    Nothing was learnt for its vectors: means and sample are those of the reference texts, which are encoded at its
    first use, each text is one statement, and a fit is a straight line of the cosine, shared words and common topics.
    Our evaluation does not say what such a score is worth."""

    is_metered = True

    def __init__(self, endpoint: Endpoint, dimensions: int) -> None:
        """`dimensions`: of the model's vectors. An answer with others is refused, or what is stored would be compared
        with what it cannot be compared with."""
        self._endpoint, self.dimensions = endpoint, dimensions
        self.name = f"endpoint-{endpoint.model.replace('/', '_')}-{dimensions}"
        self.parts: Parts = ((dimensions, 1.0),)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the port says; call it in a thread. Raises EndpointRefused, and RetryLater or EndpointAway while it is
        busy or does not answer: what waits for it goes on when it is back."""
        return asyncio.run(self._embed(texts)) if texts else np.zeros((0, self.dimensions), dtype=np.float32)

    async def _embed(self, texts: Sequence[str]) -> Vectors:
        async with self._endpoint.client() as client:
            found = []
            for start in range(0, len(texts), BATCH):
                batch = list(texts[start : start + BATCH])
                body = {"model": self._endpoint.model, "input": batch, "encoding_format": "float"}
                answer = await self._endpoint.ask(client, "/embeddings", body, max_bytes=MAX_BYTES)
                found.append(self._vectors(answer, len(batch)))
        rows: Vectors = np.vstack(found)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, lengths, out=rows, where=lengths > 0)
        return rows

    def _vectors(self, answer: bytes, count: int) -> Vectors:
        """Shape (count, dimensions), in the order of what was asked, which the answer names by `index`."""
        try:
            by_index = {int(one["index"]): one["embedding"] for one in json.loads(answer)["data"]}
            rows = np.array([by_index[at] for at in range(count)], dtype=np.float32)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise EndpointRefused("The endpoint's answer is not one of embeddings.") from None
        if rows.shape != (count, self.dimensions) or not np.isfinite(rows).all():
            has = rows.shape[1] if rows.ndim == 2 else 0
            raise EndpointRefused(
                f"The endpoint answers vectors of {has} dimensions, or such as are none, and {self.dimensions} were "
                f"expected: look at {SETTINGS}MODEL and {SETTINGS}DIMENSIONS."
            )
        return rows


def endpoint_embedder(settings: MatchingSettings) -> EndpointEmbedder:
    """That of the settings, which refuse `openai` without all of these."""
    url, model, key = settings.embeddings_url, settings.embeddings_model, settings.embeddings_api_key
    assert url and model and key and settings.embeddings_dimensions
    others = f"{SETTINGS}URL, MODEL and API_KEY"
    endpoint = Endpoint(url, model, key, settings.embeddings_timeout, SETTINGS_TO_CHECK, others)
    return EndpointEmbedder(endpoint, settings.embeddings_dimensions)
