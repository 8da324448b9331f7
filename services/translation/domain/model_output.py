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
# A line that announces the translation names it. "Here is what we supply:" is the first line of one.
_PREAMBLE = re.compile(
    r"\A(?:sure|certainly|of course|okay|here|the translation|以下|好的|当然|这是|翻译如下|译文如下|다음은|네,"
    r"|물론|번역은)[^\n]{0,100}[:：]\s*\n+",
    re.IGNORECASE,
)
_NAMES_TRANSLATION = re.compile(r"\btranslat(?:ion|ed)\b|번역|译文|翻译", re.IGNORECASE)
# 翻译服务, 번역 서비스, translation services: what a firm offers.
_OFFERS_TRANSLATION = re.compile(
    r"translation (?:services?|software|agenc|compan|tools?|engines?|products?|solutions?|memor)"
    r"|번역\s?(?:서비스|회사|업체|기업|솔루션|제품|기술|소프트웨어|엔진|앱|사업|플랫폼|분야|프로그램)"
    r"|翻译(?:服务|公司|软件|产品|业务|技术|机|平台|工具|引擎|领域|笔|企业|解决方案)",
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
    if (said := _announcement(text)) is not None and _announcement(original) is None:
        return text[said:]
    if (label := _LABEL.match(text)) and not _LABEL.match(original):
        return text[label.end() :]
    closing = QUOTES.get(text[:1])
    if closing and len(text) > 1 and text.endswith(closing) and original[:1] not in QUOTES:
        inside = text[1:-1]
        # “A” and “B” begins and ends with quotes that are not a pair.
        return text if closing in inside or text[0] in inside else inside
    return text


def _announcement(text: str) -> int | None:
    """Where the line ends that says that a translation follows; None if the text begins with no such line."""
    match = _PREAMBLE.match(text)
    if match is None or _NAMES_TRANSLATION.search(match[0]) is None or _OFFERS_TRANSLATION.search(match[0]):
        return None
    return match.end()
