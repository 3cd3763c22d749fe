"""The desk's settings, from the environment (prefix DESK_)."""

from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.settings import OpeningSettings
from pipeline_shared.web.identity.settings import PagesSettings


class Settings(PagesSettings, OpeningSettings):
    """The settings of the desk's pages, and its private keys. It has no access to Kafka."""

    model_config = SettingsConfigDict(env_prefix="DESK_")
