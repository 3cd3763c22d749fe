"""The desk's settings, from the environment (prefix DESK_)."""

from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.settings import Files, HttpSettings


class Settings(HttpSettings):
    """The desk's own setting: its private keys. It has no access to Kafka."""

    model_config = SettingsConfigDict(env_prefix="DESK_")

    private_keys: Files  # keep an old key while a held submission is sealed to it
