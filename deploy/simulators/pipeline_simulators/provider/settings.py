"""The settings of the provider, from the environment (prefix PROVIDER_)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.secret_files import FileSettings, SecretPath


class ProviderSettings(FileSettings):
    """The provider's address, and its clients: their secrets and addresses by client id.

    `issuer` is the provider's address for browsers.
    """

    model_config = SettingsConfigDict(env_prefix="PROVIDER_", frozen=True, hide_input_in_errors=True)

    environment: Literal["local", "production"] = "production"
    is_simulator: bool = True  # production refuses it
    in_container: bool = False
    certificate_file: Path | None = None
    certificate_key_file: SecretPath | None = None
    ca_file: Path | None = None  # the authorities of its clients' certificates
    host: str = "127.0.0.1"
    port: Annotated[int, Field(gt=0, lt=65536)]
    issuer: str
    client_secrets: Mapping[str, SecretStr]
    client_addresses: Mapping[str, str]
    # Where the provider itself reaches them, to tell them that a session has ended.
    client_back_channels: Mapping[str, str]
