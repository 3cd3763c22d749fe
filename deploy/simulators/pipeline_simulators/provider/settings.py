"""The settings of the provider, from the environment (prefix PROVIDER_)."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ProviderSettings(BaseSettings):
    """The provider's address, and its clients: their secrets and addresses by client id.

    `issuer` is the provider's address for browsers.
    """

    model_config = SettingsConfigDict(env_prefix="PROVIDER_", frozen=True, hide_input_in_errors=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(gt=0, lt=65536)]
    issuer: str
    client_secrets: Mapping[str, SecretStr]
    client_addresses: Mapping[str, str]
    # Where the provider itself reaches them, to tell them that a session has ended.
    client_back_channels: Mapping[str, str]
