"""The desk's settings, from the environment (prefix DESK_)."""

from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.settings import Files, HttpSettings


class Settings(HttpSettings):
    """What the desk needs besides its database and its port: its private keys. It has no access to Kafka."""

    model_config = SettingsConfigDict(env_prefix="DESK_")

    private_keys: Files  # an earlier key stays for as long as something held is sealed to it
