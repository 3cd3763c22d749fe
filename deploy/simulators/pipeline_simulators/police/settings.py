"""The simulator's settings, from the environment (prefix POLICE_), and its kinds of faults."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.secret_files import FileSettings, SecretPath


class FaultMode(StrEnum):
    """The kinds of faults."""

    NONE = "none"
    SLOW = "slow"
    FAIL = "fail"
    TIMEOUT_AFTER_COMMIT = "timeout_after_commit"
    NONSENSE = "nonsense"
    REFUSE_DUPLICATES = "refuse_duplicates"


class Fault(BaseModel):
    """One fault: its kind, its probability, its duration if it has one, and its key (otherwise all keys)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: FaultMode = FaultMode.NONE
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0
    seconds: Annotated[float, Field(ge=0, le=600)] = 10.0
    key: str = ""


class PoliceSettings(FileSettings):
    """The simulator's address, its storage, its accepted token and its fault at the start."""

    model_config = SettingsConfigDict(env_prefix="POLICE_", frozen=True, hide_input_in_errors=True)

    environment: Literal["local", "production"] = "production"
    is_simulator: bool = True  # production refuses it
    in_container: bool = False
    certificate_file: Path | None = None
    certificate_key_file: SecretPath | None = None
    client_ca_file: Path | None = None  # with it, every client must show a certificate of these authorities
    host: str = "127.0.0.1"
    port: Annotated[int, Field(gt=0, lt=65536)]
    token: SecretStr
    store: Path
    fault_mode: FaultMode = FaultMode.NONE
    fault_probability: Annotated[float, Field(ge=0, le=1)] = 1.0
    fault_seconds: Annotated[float, Field(ge=0, le=600)] = 10.0

    @property
    def fault(self) -> Fault:
        """Return the fault at the start."""
        return Fault(mode=self.fault_mode, probability=self.fault_probability, seconds=self.fault_seconds)
