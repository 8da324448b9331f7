"""Settings from files, as secrets are mounted; how Kafka is reached."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr, ValidationError

from services.chassis.ops.settings import ChassisSettings
from services.notifications.settings import NotificationsSettings


def test_a_setting_is_read_from_the_file_that_its_twin_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "uri").write_text("mongodb://a/\n")
    (tmp_path / "port").write_text(" 2525 ")
    (tmp_path / "empty").write_text("\n")
    monkeypatch.setenv("MAGPIE_MONGO_URI_FILE", str(tmp_path / "uri"))
    monkeypatch.setenv("MAGPIE_SECRET_KEY_FILE", str(tmp_path / "empty"))
    monkeypatch.setenv("MAGPIE_NOTIFICATIONS_SMTP_PORT_FILE", str(tmp_path / "port"))
    settings = ChassisSettings()
    assert settings.mongo_uri == "mongodb://a/" and settings.secret_key is None
    assert NotificationsSettings().smtp_port == 2525
    assert ChassisSettings(mongo_uri="mongodb://b/").mongo_uri == "mongodb://b/", "arguments come first"


def test_a_file_that_is_not_there_and_a_setting_that_is_given_twice_end_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MAGPIE_MONGO_URI_FILE", str(tmp_path / "none"))
    with pytest.raises(ValueError, match=r"MAGPIE_MONGO_URI_FILE names .*none, which cannot be read"):
        ChassisSettings()
    monkeypatch.setenv("MAGPIE_MONGO_URI", "mongodb://a/")
    with pytest.raises(ValueError, match="both set"):
        ChassisSettings()


@pytest.mark.parametrize(
    "settings",
    [
        {"kafka_protocol": "SASL_SSL"},
        {"kafka_username": "a", "kafka_password": SecretStr("b")},
        {"kafka_protocol": "SASL_PLAINTEXT", "kafka_username": "a"},
    ],
)
def test_half_a_login_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        ChassisSettings(**settings)  # type: ignore[arg-type]


async def test_a_login_reaches_both_kinds_of_clients() -> None:
    kafka = ChassisSettings(
        kafka_protocol="SASL_SSL", kafka_username="matching", kafka_password=SecretStr("secret")
    ).kafka
    security = kafka.security()
    assert security is not None and security.use_ssl and security.ssl_context is not None
    assert (security.username, security.password) == ("matching", "secret")  # type: ignore[attr-defined]
    assert AIOKafkaProducer(**kafka.options()), "these are arguments that it takes"
    assert ChassisSettings().kafka.security() is None
    assert "secret" not in repr(kafka)
