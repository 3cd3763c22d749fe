"""Intake's settings, from the environment (prefix INTAKE_)."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from pipeline_shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What intake needs beyond every service: whom to seal to, and the key of its HMACs (base64, 32 bytes)."""

    model_config = SettingsConfigDict(env_prefix="INTAKE_")

    key_bundle: Path
    trust_root: str
    hmac_key: SecretStr
