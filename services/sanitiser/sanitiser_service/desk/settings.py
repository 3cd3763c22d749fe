"""The desk's settings, from the environment (prefix DESK_)."""

from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.settings import Files
from pipeline_shared.web.identity.settings import PagesSettings


class Settings(PagesSettings):
    """The settings of the desk's pages, and its private keys. It has no access to Kafka."""

    model_config = SettingsConfigDict(env_prefix="DESK_")

    private_keys: Files  # keep an old key while a held submission is sealed to it
