"""The sanitiser's settings, from the environment (prefix SANITISER_)."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from pipeline_shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What the sanitiser needs beyond every service: its private key, and whose keys it seals to."""

    model_config = SettingsConfigDict(env_prefix="SANITISER_")

    private_key: Path
    key_bundle: Path
    trust_root: str
