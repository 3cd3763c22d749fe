"""`pipeline provision` and `pipeline brokers`: what needs the administrators' passwords (PROVISION_…)."""

import time
from typing import Annotated

import typer
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient  # pyright: ignore[reportPrivateImportUsage] - its documented interface
from pydantic import ValidationError

from pipeline_admin.cluster_promise import ClusterPromiseError, out_of_sync
from pipeline_admin.commands.fail import fail
from pipeline_admin.commands.installed import from_environment, is_in_environment, operator_of
from pipeline_admin.provision import BY_ITSELF, ProvisionSettings, provision_from
from pipeline_admin.provision_kafka import PartitionsChangedError, TooFewReplicasError
from pipeline_shared.access.permissions import Action
from pipeline_shared.audit.entries import Operator
from pipeline_shared.runtime.secret_files import SecretFileError
from pipeline_shared.runtime.start_checks import refusals, surroundings_of

DURABILITY = ("kafka_min_insync", "kafka_replicas")  # a combination of settings is wrong, so no single field is named


def provision() -> None:
    """Create topics, users, permissions, roles and schemas from the PROVISION_… environment variables."""
    settings = provision_settings()
    operator = administrator_of(settings, Action.PROVISION)
    try:
        applied = provision_from(settings, operator)
    except (PartitionsChangedError, TooFewReplicasError) as error:
        fail(f"{error}: {error.__doc__}")
    except ClusterPromiseError as error:
        fail(f"refused: {error}")
    except KafkaException as error:
        fail(f"the broker refuses: {error.args[0].name()}")
    for name in applied:
        typer.echo(f"applied {name}")
    typer.echo("provisioned")


def brokers(*, wait: Annotated[int, typer.Option(min=0, max=3_600, help="Seconds to wait for it.")] = 0) -> None:
    """Say whether all brokers are there with every replica in sync: only then another one may stop."""
    settings = provision_settings()
    admin, deadline = settings.admin(), time.monotonic() + wait
    while reasons := _out_of_sync(admin, settings.kafka_replicas):
        if time.monotonic() > deadline:
            fail("do not stop another broker: " + "; ".join(reasons))
        time.sleep(1)
    typer.echo("all brokers are there, and every replica is in sync")


def _out_of_sync(admin: AdminClient, number: int) -> list[str]:
    try:
        return out_of_sync(admin, number)
    except KafkaException as error:
        return [f"no broker answers ({error.args[0].name()})"]


def provision_settings() -> ProvisionSettings:
    """Return the PROVISION_… settings; end the command when one is missing or wrong."""
    try:
        settings = ProvisionSettings()  # pyright: ignore[reportCallIssue] - filled from the environment
    except ValidationError as error:
        fields = {str(field) for problem in error.errors() for field in problem["loc"][:1] or DURABILITY}
        fail("missing or wrong: " + ", ".join(sorted(f"PROVISION_{field}".upper() for field in fields)))
    except SecretFileError as error:
        fail(f"{error}: the file cannot be read")
    if found := refusals(settings, surroundings_of(settings)):
        fail("refused: " + "; ".join(found))
    return settings


def administrator_of(settings: ProvisionSettings, action: Action) -> Operator:
    """Return who uses the administrators' passwords: in production a proven person, locally the program."""
    if settings.environment == "local" and not is_in_environment():
        return BY_ITSELF
    return operator_of(from_environment(), action)
