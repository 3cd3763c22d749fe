"""Settings that processes share; each adds its own and a prefix. Read once, frozen, secrets never printed.

Every process has `ProcessSettings`: a database, health and metrics. A process that answers HTTP requests adds
`HttpSettings`, and one that reads and publishes events adds `KafkaSettings`. Most have both.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, IPvAnyNetwork, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode, SettingsConfigDict

from pipeline_shared.runtime.secret_files import IS_SECRET, FileSettings, SecretPath
from pipeline_shared.runtime.secret_types import Password, PostgresUrl, PublicKey, SecretKey

MOST_OUTBOX_HOURS = 14 * 24  # well below the memory of an inbox, so that it knows every event that can be sent again
LONGEST_UNSIGNED = timedelta(days=8)  # a topic keeps a record for seven days


def _split(addresses: object) -> object:
    return (
        [address.strip() for address in addresses.split(",") if address.strip()]
        if isinstance(addresses, str)
        else addresses
    )


def _paths(paths: object) -> object:
    return [path for path in paths.split(os.pathsep) if path] if isinstance(paths, str) else paths


def _soon(until: datetime | None) -> datetime | None:
    if until and until > datetime.now(UTC) + LONGEST_UNSIGNED:
        raise ValueError("unsigned events may be accepted for at most eight days")
    return until


# One secret file or several, written like PATH.
Files = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_paths), Field(min_length=1), IS_SECRET]


class ProcessSettings(FileSettings):
    """What every process has: a database, and health and metrics for operations."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    environment: Literal["local", "production"] = "production"
    # Says why a process of the local environment listens on more than the loopback address: its network is its own.
    in_container: bool = False
    # The certificate of every listener, with its chain; the key may be in the same file. New files count at once.
    certificate_file: Path | None = None
    certificate_key_file: SecretPath | None = None
    # The address of health and metrics: the loopback address, or one that only the operations network reaches.
    operations_host: str = "127.0.0.1"
    operations_port: Annotated[int, Field(gt=0, lt=65536)]
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    database_url: PostgresUrl
    database_connections: int = 10
    signing_key: SecretPath  # of the events that this process publishes
    # The signed bundle of all public keys, and the key that must have signed it (base64). A new file counts within
    # five seconds.
    key_bundle: Path
    trust_root: PublicKey


class OpeningSettings(ProcessSettings):
    """Where the private keys of a process are: in files, in clear or wrapped by the transit engine of a server.

    The server is HashiCorp Vault or OpenBao (docs/decisions/0022-keys-and-ceremony.md).
    """

    private_keys: Files  # keep an old key while something is sealed to it
    transit_url: str | None = None
    transit_token_file: SecretPath | None = None
    transit_mount: str = "transit"
    transit_ca_file: Path | None = None

    @model_validator(mode="after")
    def _says_where_the_server_is(self) -> Self:
        """Refuse a server without a token, and clear text on its wire; raise ValueError."""
        if (self.transit_url is None) != (self.transit_token_file is None):
            raise PydanticCustomError("transit_incomplete", "TRANSIT_URL and TRANSIT_TOKEN_FILE go together")
        if self.environment == "production" and not (self.transit_url or "https:").startswith("https:"):
            raise PydanticCustomError("transit_in_clear", "TRANSIT_URL begins with https:")
        return self


class HttpSettings(ProcessSettings):
    """Where a process serves an API or pages."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(gt=0, lt=65536)]
    # The limit on connections from one address. A trusted proxy may take all connections; for each address that it
    # names in X-Forwarded-For, this is the limit on requests at once. Proxies are written with commas:
    # 10.0.0.5,10.1.0.0/24
    connections_per_address: Annotated[int, Field(gt=0)] = 200
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(_split)] = ()
    # Speak clear HTTP, and accept connections from the trusted proxies only: they speak TLS with everybody else.
    plain_http_from_proxies: bool = False
    # How long a process that was told to end goes on answering, so that every balancer sees on `/health/ready` that it
    # goes. Longer than a balancer takes to see it: its interval times the failures that it waits for.
    drain_seconds: Annotated[float, Field(ge=0, le=60)] = 10


class KafkaSettings(ProcessSettings):
    """The address for reading and publishing events, and the key for parked records."""

    kafka_bootstrap: str  # one broker or several, with commas
    kafka_username: str
    kafka_password: Password
    kafka_security_protocol: Literal["SASL_PLAINTEXT", "SASL_SSL"] = "SASL_SSL"
    kafka_ca_file: Path | None = None  # without it, the system's authorities
    parking_key: SecretKey
    # Until then, events without a signature are accepted: set it, for a short time, when a release that signs events
    # replaces one that did not (docs/decisions/0021-signed-events.md).
    unsigned_events_until: Annotated[AwareDatetime | None, AfterValidator(_soon)] = None
    outbox_keep_hours: Annotated[int, Field(gt=0, le=MOST_OUTBOX_HOURS)] = 24

    @property
    def brokers(self) -> list[str]:
        """Return the addresses of the brokers to ask first."""
        return [address.strip() for address in self.kafka_bootstrap.split(",")]


class ServiceSettings(HttpSettings, KafkaSettings):
    """Where a service is asked, stores and publishes."""
