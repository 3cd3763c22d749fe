"""The worker's settings, from the environment (prefix SANITISER_)."""

from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.settings import Files, KafkaSettings


class Settings(KafkaSettings):
    """The worker's own setting: the private keys that open submissions."""

    model_config = SettingsConfigDict(env_prefix="SANITISER_")

    private_keys: Files  # keep an old key while a submission in flight or parked is sealed to it
