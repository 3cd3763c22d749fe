"""The worker's settings, from the environment (prefix SANITISER_)."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.secret_types import PublicKey
from pipeline_shared.runtime.settings import Files, KafkaSettings


class Settings(KafkaSettings):
    """The worker's own settings: its private keys, and the signed bundle of the public keys it seals to."""

    model_config = SettingsConfigDict(env_prefix="SANITISER_")

    private_keys: Files  # keep an old key while a submission in flight or parked is sealed to it
    key_bundle: Path
    trust_root: PublicKey
