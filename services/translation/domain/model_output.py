"""Language models wrap a translation in other things, although they were asked for nothing else."""

from __future__ import annotations

import re

QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "「": "」", "『": "』", "«": "»", "`": "`"}
# Models that reason put their thoughts before the answer, in the same field.
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"\A```[\w-]*[ \t]*\n(?P<inside>.*?)\n?```\Z", re.DOTALL)
_LABEL = re.compile(
    r"\A(?:\*\*)?(?:translation|translated text|译文|翻译|翻译结果|번역|번역문|번역 결과)(?:\*\*)?\s*[:：](?:\*\*)?\s*",
    re.IGNORECASE,
)
_PREAMBLE = re.compile(
    r"\A(?:sure|certainly|of course|okay|here|the translation|以下|好的|当然|这是|翻译如下|다음은|네,|물론|번역은)"
    r"[^\n]{0,100}[:：]\s*\n+",
    re.IGNORECASE,
)


def extract_translation(output: str, original: str) -> str:
    """The translation without thoughts, code fences, preambles and quotes. What the original has as well is part of
    the translation, and stays."""
    text = _THOUGHTS.sub("", output).strip()
    # Layers may be nested, for example quotes in a fence. Each one that goes makes the text shorter, so this ends.
    while True:
        inside = _without_outer_layer(text, original.strip()).strip()
        if inside == text:
            return text
        text = inside


def _without_outer_layer(text: str, original: str) -> str:
    fence = _FENCE.match(text)
    if fence and not original.startswith("```"):
        return fence["inside"]
    for pattern in (_PREAMBLE, _LABEL):
        if pattern.match(text) and not pattern.match(original):
            return pattern.sub("", text)
    closing = QUOTES.get(text[:1])
    if closing and len(text) > 1 and text.endswith(closing) and original[:1] not in QUOTES:
        inside = text[1:-1]
        # “A” and “B” begins and ends with quotes that are not a pair.
        return text if closing in inside or text[0] in inside else inside
    return text
