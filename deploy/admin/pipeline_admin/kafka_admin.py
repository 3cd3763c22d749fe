"""The broker administrator's client."""

from pathlib import Path
from typing import Any

from confluent_kafka.admin import AdminClient

MECHANISM = "SCRAM-SHA-512"


def create_admin(
    bootstrap: str, username: str, *, password: str, authorities: Path | None = None, protocol: str = "SASL_SSL"
) -> AdminClient:
    """Return an admin client that prints no connection errors; its calls raise KafkaException.

    It verifies certificate and host name, by the system's authorities unless a file of others is given.
    """
    settings: dict[str, Any] = {
        "bootstrap.servers": bootstrap,
        "security.protocol": protocol,
        "sasl.mechanism": MECHANISM,
        "sasl.username": username,
        "sasl.password": password,
        "ssl.endpoint.identification.algorithm": "https",
        **({"ssl.ca.location": str(authorities)} if authorities else {}),
        "log_level": 0,
        "error_cb": _ignore,
        "reconnect.backoff.max.ms": 200,
    }
    return AdminClient(settings)


def _ignore(_error: object) -> None:
    """Print nothing: the broker may not be up yet, and librdkafka would print each attempt."""
