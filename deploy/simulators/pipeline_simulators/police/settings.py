"""The simulator's settings, from the environment (prefix POLICE_), and its kinds of faults."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


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


class PoliceSettings(BaseSettings):
    """The simulator's address, its storage, its accepted token and its fault at the start."""

    model_config = SettingsConfigDict(env_prefix="POLICE_", frozen=True, hide_input_in_errors=True)

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
