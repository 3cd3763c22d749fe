"""The sanitiser's settings, from the environment (prefix SANITISER_)."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode, SettingsConfigDict

from pipeline_shared.runtime.settings import ServiceSettings


def _split(paths: str) -> list[str]:
    return [path for path in paths.split(os.pathsep) if path]


class Settings(ServiceSettings):
    """What the sanitiser needs beyond every service: its private keys, and whose keys it seals to."""

    model_config = SettingsConfigDict(env_prefix="SANITISER_")

    # Files, written like PATH. An earlier key stays for as long as something in flight, parked or held is sealed to it.
    private_keys: Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)]
    key_bundle: Path
    trust_root: str
