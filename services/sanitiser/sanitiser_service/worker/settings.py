"""The worker's settings, from the environment (prefix SANITISER_)."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.secret_types import PublicKey
from pipeline_shared.runtime.settings import KafkaSettings, OpeningSettings


class Settings(KafkaSettings, OpeningSettings):
    """The worker's own settings: the signed bundle of the public keys it seals to."""

    model_config = SettingsConfigDict(env_prefix="SANITISER_")

    key_bundle: Path
    trust_root: PublicKey
