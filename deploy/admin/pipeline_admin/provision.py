"""`pipeline provision`: prepares any broker and databases, given addresses and administrators' passwords.

The local stack and the one-shot container of docker-compose.yml run the same code.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, Self, TypeVar
from urllib.parse import urlsplit

from confluent_kafka.admin import AdminClient
from pydantic import ValidationInfo, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from pipeline_admin.cluster_promise import check_cluster
from pipeline_admin.kafka_admin import create_admin
from pipeline_admin.provision_kafka import provision_kafka
from pipeline_admin.provision_postgres import DsnOf, provision_postgres
from pipeline_settings.processes import PEOPLE_ROLES, SERVICE_PROCESSES
from pipeline_shared.audit.entries import Operator
from pipeline_shared.messaging.topics import ONE_BROKER, PRODUCTION, Durability
from pipeline_shared.runtime.secret_files import FileSettings
from pipeline_shared.runtime.secret_types import Password, PostgresUrl

OWNERS_OF = {
    "kafka_passwords": {each.kafka_user for each in SERVICE_PROCESSES if each.kafka_user},
    "postgres_passwords": {
        *PEOPLE_ROLES,
        *(each.name for each in SERVICE_PROCESSES if each.database_role),
    },
}
BY_ITSELF = Operator("service:provision")  # of a local stack, whose one command makes everything

Result = TypeVar("Result")


class ProvisionSettings(FileSettings):
    """The addresses, the administrators, and the passwords for the services (JSON objects by service name)."""

    model_config = SettingsConfigDict(env_prefix="PROVISION_", frozen=True, hide_input_in_errors=True)

    environment: Literal["local", "production"] = "production"
    kafka_bootstrap: str
    kafka_username: str = "admin"
    kafka_password: Password
    kafka_security_protocol: Literal["SASL_PLAINTEXT", "SASL_SSL"] = "SASL_SSL"
    kafka_ca_file: Path | None = None  # without it, the system's authorities
    kafka_replicas: int = PRODUCTION.replicas
    kafka_min_insync: int = PRODUCTION.min_insync
    kafka_passwords: dict[str, Password]
    postgres_url: PostgresUrl
    postgres_passwords: dict[str, Password]

    @field_validator("kafka_passwords", "postgres_passwords")
    @classmethod
    def _are_all_there(cls, passwords: dict[str, Password], field: ValidationInfo) -> dict[str, Password]:
        if not OWNERS_OF[str(field.field_name)] <= passwords.keys():
            raise ValueError("a password is missing")
        return passwords

    @model_validator(mode="after")
    def _is_durable(self) -> Self:
        self.durability()
        return self

    def durability(self) -> Durability:
        """Return the number of brokers for each record. Raises ValueError when that number can lose records."""
        return Durability(self.kafka_replicas, self.kafka_min_insync)

    def admin(self) -> AdminClient:
        """Return the broker administrator's client."""
        return create_admin(
            self.kafka_bootstrap,
            self.kafka_username,
            password=self.kafka_password.get_secret_value(),
            authorities=self.kafka_ca_file,
            protocol=self.kafka_security_protocol,
        )

    def dsn_of(self, database: str) -> str:
        """Return the administrator's URL of another database on the same server."""
        return urlsplit(self.postgres_url.get_secret_value())._replace(path=f"/{database}").geturl()


def provision_from(settings: ProvisionSettings, operator: Operator) -> list[str]:
    """Provision from settings; return the applied migrations. Raises ClusterPromiseError in production."""
    admin = settings.admin()
    if settings.environment == "production":
        check_cluster(admin, settings.durability())
    return provision(
        admin,
        {name: secret.get_secret_value() for name, secret in settings.kafka_passwords.items()},
        dsn_of=settings.dsn_of,
        postgres_passwords={name: secret.get_secret_value() for name, secret in settings.postgres_passwords.items()},
        durability=settings.durability(),
        operator=operator,
    )


def provision(
    admin: AdminClient,
    kafka_passwords: dict[str, str],
    *,
    dsn_of: DsnOf,
    postgres_passwords: dict[str, str],
    durability: Durability = ONE_BROKER,
    operator: Operator = BY_ITSELF,
) -> list[str]:
    """Provision broker and databases concurrently; return the applied migrations."""
    with ThreadPoolExecutor(1) as pool:
        kafka = pool.submit(provision_kafka, admin, kafka_passwords, durability=durability)
        applied = run_blocking(provision_postgres(dsn_of, postgres_passwords, operator))
        kafka.result()
    return applied


def run_blocking(work: Coroutine[None, None, Result]) -> Result:
    """Run a coroutine to its end; a caller inside an event loop waits too."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
