"""The desk's settings, from the environment (prefix DESK_)."""

from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.settings import HttpSettings, OpeningSettings


class Settings(HttpSettings, OpeningSettings):
    """The desk has pages and private keys, and no access to Kafka."""

    model_config = SettingsConfigDict(env_prefix="DESK_")
