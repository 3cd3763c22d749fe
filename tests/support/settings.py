"""The settings of a service on the stack under test, for tests that run parts of it themselves."""

import base64
from typing import Any

from pydantic import SecretStr

from pipeline_local.certificates import authorities_file
from pipeline_local.stack import LocalStack
from pipeline_settings.processes import PROCESS_OF
from pipeline_shared.runtime.settings import ServiceSettings

PARKING_KEY = base64.b64encode(b"p" * 32).decode()


def settings_of(stack: LocalStack, service: str, **changes: Any) -> ServiceSettings:
    """Return the shared settings of the service of that name; its ports are never opened."""
    kafka = stack.kafka_credentials(service)
    values: dict[str, Any] = {
        "environment": "local",
        "port": 1,
        "operations_port": 1,
        "database_url": SecretStr(stack.app_dsn(service)),
        "kafka_bootstrap": kafka.bootstrap,
        "kafka_username": kafka.username,
        "kafka_password": SecretStr(kafka.password),
        "kafka_security_protocol": "SASL_SSL",
        "kafka_ca_file": authorities_file(stack.home),
        "parking_key": SecretStr(PARKING_KEY),
        "signing_key": stack.home.keys / f"{PROCESS_OF[service].signing_key}.key",
        "key_bundle": stack.home.keys / "bundle.json",
        "trust_root": stack.keys.trust_root,
    }
    return ServiceSettings(**{**values, **changes})
