"""Settings every service shares; each adds its own and a prefix. Read once, frozen, secrets never printed."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MOST_OUTBOX_HOURS = 14 * 24  # well below what an inbox remembers: whatever can be sent again is known there


class ServiceSettings(BaseSettings):
    """Where a service listens, stores and publishes."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    environment: Literal["local", "production"] = "production"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(gt=0, lt=65536)]
    # Where operations read health and metrics: the loopback address, or one that only the operations network reaches.
    operations_host: str = "127.0.0.1"
    operations_port: Annotated[int, Field(gt=0, lt=65536)]
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    database_url: SecretStr
    database_connections: int = 10
    kafka_bootstrap: str
    kafka_username: str
    kafka_password: SecretStr
    kafka_security_protocol: Literal["SASL_PLAINTEXT", "SASL_SSL"] = "SASL_SSL"
    kafka_ca_file: str | None = None
    parking_key: SecretStr
    outbox_keep_hours: Annotated[int, Field(gt=0, le=MOST_OUTBOX_HOURS)] = 24
