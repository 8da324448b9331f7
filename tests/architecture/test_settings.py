"""A setting with which a process starts and cannot work ends the start instead."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import annotated_types
import pytest
from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo

from services.chassis.ops import EnvironmentSettings
from services.chassis.ops.settings import ChassisSettings
from services.matching.settings import MatchingSettings
from services.notifications.settings import NotificationsSettings
from services.profiles.settings import ProfilesSettings

ROOT = Path(__file__).parents[2]


def all_settings() -> list[type[EnvironmentSettings]]:
    """The settings of every service, wherever it keeps them."""
    for path in sorted((ROOT / "services").rglob("*settings.py")):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return EnvironmentSettings.__subclasses__()


def without_bounds(settings: type[EnvironmentSettings]) -> Iterator[str]:
    for name, field in settings.model_fields.items():
        if is_numeric(field) and not (is_bounded(field, "ge", "gt") and is_bounded(field, "le", "lt")):
            yield f"{settings.__name__}.{name}"


def is_numeric(field: FieldInfo) -> bool:
    kinds = {field.annotation, *get_args(field.annotation)}
    return bool(kinds & {int, float})


def is_bounded(field: FieldInfo, *sides: str) -> bool:
    kinds = annotated_types.Ge, annotated_types.Gt, annotated_types.Le, annotated_types.Lt
    return any(isinstance(one, kinds) and any(hasattr(one, side) for side in sides) for one in field.metadata)


def test_every_numeric_setting_has_both_bounds_and_is_finite() -> None:
    found = all_settings()
    assert {"ChassisSettings", "NotificationsSettings"} <= {one.__name__ for one in found} and len(found) >= 5
    assert [name for one in found for name in without_bounds(one)] == []
    assert [one.__name__ for one in found if one.model_config.get("allow_inf_nan") is not False] == []


def test_a_numeric_setting_without_a_bound_is_found() -> None:
    class Planted(ProfilesSettings):
        bare: int = 1
        optional: float | None = None
        half: int = Field(default=1, ge=1)
        whole: int = Field(default=1, ge=1, le=2)

    assert [name.partition(".")[2] for name in without_bounds(Planted)] == ["bare", "optional", "half"]


@pytest.mark.parametrize(
    ("settings", "value"),
    [
        (ChassisSettings, {"consumer_session_ms": 100}),
        (ChassisSettings, {"command_wait_seconds": 0}),
        (ChassisSettings, {"max_body_bytes": 0}),
        (ChassisSettings, {"jwks_cooldown_seconds": "nan"}),
        (ChassisSettings, {"jwks_cooldown_seconds": "inf"}),
        (ChassisSettings, {"job_lease_seconds": 0}),
        (ChassisSettings, {"relay_lease_seconds": -5}),
        (ChassisSettings, {"token_leeway_seconds": 10**9}),
        (ChassisSettings, {"rate_per_second": "nan"}),
        (ChassisSettings, {"http_port": 70_000}),
        (ProfilesSettings, {"census_seconds": -1}),
        (ProfilesSettings, {"max_per_owner": 0}),
        (MatchingSettings, {"linked_calendar_minutes": "inf"}),
        (MatchingSettings, {"minimum_score": "nan"}),
        (NotificationsSettings, {"stream_heartbeat_seconds": 0}),
        (NotificationsSettings, {"collapse_seconds": "nan"}),
        (NotificationsSettings, {"max_streams": 0}),
    ],
)
def test_a_value_with_which_nothing_works_ends_the_start(
    settings: type[EnvironmentSettings], value: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        settings(**value)
