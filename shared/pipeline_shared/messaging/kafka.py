"""The connection settings of all our Kafka clients: always SASL, and TLS outside the local stack."""

from typing import Any

from aiokafka.record import default_records
from faststream.security import SASLScram512

from pipeline_shared.runtime.settings import KafkaSettings
from pipeline_shared.runtime.tls import TlsContext, TlsFault, shared_client_tls

PEER = "kafka"


def require_native_codec() -> None:
    """Raise ImportError when aiokafka lacks its native codec: pure Python takes 219 µs a record instead of 7."""
    if default_records.DefaultRecordBatchBuilder is default_records._DefaultRecordBatchBuilderPy:  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        raise ImportError("aiokafka.record._crecords")


def tls_fault(settings: KafkaSettings) -> TlsFault | None:
    """Return why the last handshake with the broker failed, or None."""
    tls = _tls(settings)
    return tls.fault if tls else None


def _tls(settings: KafkaSettings) -> TlsContext | None:
    """Return the context of all connections to the broker: it verifies certificate and host name."""
    if settings.kafka_security_protocol == "SASL_PLAINTEXT":
        return None
    return shared_client_tls(settings.kafka_ca_file, peer=PEER)


def client_options(settings: KafkaSettings) -> dict[str, Any]:
    """Return aiokafka's connection arguments."""
    return {
        "bootstrap_servers": settings.brokers,
        "security_protocol": settings.kafka_security_protocol,
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": settings.kafka_password.get_secret_value(),
        "ssl_context": _tls(settings),
    }


def faststream_security(settings: KafkaSettings) -> SASLScram512:
    """Return the same connection arguments in the form that FastStream expects."""
    tls = _tls(settings)
    return SASLScram512(
        username=settings.kafka_username,
        password=settings.kafka_password.get_secret_value(),
        use_ssl=tls is not None,
        ssl_context=tls,
    )
