"""The worker's settings, from the environment (prefix SANITISER_)."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.settings import Files, KafkaSettings


class Settings(KafkaSettings):
    """What the worker needs besides database and Kafka: its private keys, and whose keys it seals to."""

    model_config = SettingsConfigDict(env_prefix="SANITISER_")

    private_keys: Files  # an earlier key stays for as long as something in flight or parked is sealed to it
    key_bundle: Path
    trust_root: str
