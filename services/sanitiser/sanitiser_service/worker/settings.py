"""The worker's settings, from the environment (prefix SANITISER_)."""

from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.settings import KafkaSettings, OpeningSettings


class Settings(KafkaSettings, OpeningSettings):
    """The worker's own settings: the private keys that open submissions."""

    model_config = SettingsConfigDict(env_prefix="SANITISER_")
