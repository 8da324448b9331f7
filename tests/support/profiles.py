"""Profiles as people would write them, for tests."""

from __future__ import annotations

from typing import Any

from tests.support.services import Running


def entry(kind: str, text: str, lang: str = "ko", *topics: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "text": {"lang": lang, "text": text}, "topics": list(topics), **more}


def korean(**changes: Any) -> dict[str, Any]:
    """A maker of sensors in Korea."""
    return {
        "organisation": {
            "type": "company",
            "country": "KR",
            "names": {"ko": "한빛센서", "en": "Hanbit Sensor"},
            "legal_name": "주식회사 한빛센서",
        },
        "languages": ["ko", "en"],
        "offers": [
            entry(
                "technology", "자율주행 차량용 라이다 센서의 신호 처리 기술을 이전합니다.", "ko", "lidar", "automotive"
            )
        ],
        "needs": [
            entry("market_entry", "중국 완성차 업체에 라이다 센서를 공급할 유통 파트너를 찾습니다.", "ko", "automotive")
        ],
        **changes,
    }


def chinese(**changes: Any) -> dict[str, Any]:
    """A distributor of vehicle parts in China that looks for just that."""
    return {
        "organisation": {
            "type": "company",
            "country": "CN",
            "names": {"zh": "华桥汽车电子", "en": "Huaqiao Auto Electronics"},
            "legal_name": "华桥汽车电子有限公司",
        },
        "languages": ["zh", "en"],
        "offers": [
            entry("market_entry", "我们为海外传感器厂商对接国内整车厂，提供激光雷达的经销渠道。", "zh", "automotive")
        ],
        "needs": [
            entry(
                "technology",
                "寻找自动驾驶激光雷达信号处理技术的合作方，希望引进成熟方案。",
                "zh",
                "lidar",
                "automotive",
            )
        ],
        **changes,
    }


async def created(profiles: Running, org: str = "hanbit", **changes: Any) -> dict[str, Any]:
    """A draft of an organisation, as the service has answered it."""
    answer = await profiles.client(org).post("/v1/profiles", json=korean(**changes))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found
