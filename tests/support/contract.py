"""Events of the contract as other services publish them."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from schemas.catalogue import EVENTS
from schemas.common import Entry, Text, entry_id, text_id
from schemas.envelope import Event, Tombstone
from schemas.profiles import Names, ProfileErased, ProfilePublished, ProfileWithdrawn
from schemas.registry import registry
from tests.support.kafka import ce_headers, send

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
PRODUCERS = {topic.name: f"/magpie/{topic.producer}" for topic in registry()}
"""The `ce_source` of each topic."""


def examples() -> list[dict[str, Any]]:
    """The valid examples of the contract: topic, key, headers and value of a record."""
    return [sample for event in EVENTS for sample in valid(event).values()]


def valid(event: str) -> dict[str, dict[str, Any]]:
    """The valid samples of an event by their kind: example, ko, zh, en, smallest, largest; tombstone."""
    files = sorted(path for path in (EXAMPLES / event).glob("*.json") if path.stem != "invalid")
    return {path.stem: _read(f"{event}/{path.name}") for path in files}


def refused(event: str) -> list[dict[str, Any]]:
    """The samples of an event that are no events, each with its `reason`."""
    found: list[dict[str, Any]] = _read(f"{event}/invalid.json")
    return found


def _read(path: str) -> Any:
    return json.loads((EXAMPLES / path).read_text())


async def publish(
    bootstrap: str,
    prefix: str,
    event: Event | Tombstone,
    *,
    key: str,
    sequence: int,
    id: str | None = None,
    time: str = "",
) -> str:
    """One event, as a relay would send it; returns its ce_id."""
    ce_id = id or str(uuid.uuid4())
    value = None if isinstance(event, Tombstone) else event.model_dump_json(exclude_none=True).encode()
    extra = {"ce_source": PRODUCERS[event.topic], **({"ce_time": time} if time else {})}
    headers = ce_headers(ce_id, event.event_type, sequence, **extra)
    await send(bootstrap, f"{prefix}.{event.topic}.v1", [(key.encode(), value, headers)])
    return ce_id


def an_entry(profile_id: str, side: str, kind: str, lang: str, text: str, **more: Any) -> Entry:
    said = Text(lang=lang, text=text)
    return Entry(id=entry_id(profile_id, side, kind, text_id(said)), kind=kind, text=said, **more)


def korean_profile(profile_id: str, owner: str = "hanbit", **changes: Any) -> ProfilePublished:
    """A maker of lidar sensors in Korea."""
    return ProfilePublished(
        **{
            "profile_id": profile_id,
            "owner": owner,
            "type": "company",
            "country": "KR",
            "state": "published",
            "names": Names(ko="한빛센서", en="Hanbit Sensor"),
            "legal_name": "주식회사 한빛센서",
            "languages": ["ko", "en"],
            "offers": [
                an_entry(
                    profile_id,
                    "offer",
                    "technology",
                    "ko",
                    "자율주행 차량용 라이다 센서의 신호 처리 기술을 이전합니다.",
                )
            ],
            "needs": [
                an_entry(
                    profile_id,
                    "need",
                    "market_entry",
                    "ko",
                    "중국 완성차 업체에 라이다 센서를 공급할 유통 파트너를 찾습니다.",
                )
            ],
            **changes,
        }
    )


def chinese_profile(profile_id: str, owner: str = "huaqiao", **changes: Any) -> ProfilePublished:
    """A distributor in China that looks for just that."""
    return ProfilePublished(
        **{
            "profile_id": profile_id,
            "owner": owner,
            "type": "company",
            "country": "CN",
            "state": "published",
            "names": Names(zh="华桥汽车电子", en="Huaqiao Auto Electronics"),
            "legal_name": "华桥汽车电子有限公司",
            "languages": ["zh", "en"],
            "offers": [
                an_entry(
                    profile_id,
                    "offer",
                    "market_entry",
                    "zh",
                    "我们为海外传感器厂商对接国内整车厂，提供激光雷达的经销渠道。",
                )
            ],
            "needs": [
                an_entry(
                    profile_id,
                    "need",
                    "technology",
                    "zh",
                    "寻找自动驾驶激光雷达信号处理技术的合作方，希望引进成熟方案。",
                )
            ],
            **changes,
        }
    )


def withdrawn(profile: ProfilePublished) -> ProfileWithdrawn:
    return ProfileWithdrawn(
        profile_id=profile.profile_id,
        owner=profile.owner,
        type=profile.type,
        country=profile.country,
        state="withdrawn",
    )


ERASED = ProfileErased()
