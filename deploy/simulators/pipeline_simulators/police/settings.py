"""The simulator's settings, from the environment (prefix POLICE_), and the ways in which it can misbehave."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class FaultMode(StrEnum):
    """How the simulator misbehaves."""

    NONE = "none"
    SLOW = "slow"
    FAIL = "fail"
    TIMEOUT_AFTER_COMMIT = "timeout_after_commit"
    NONSENSE = "nonsense"
    REFUSE_DUPLICATES = "refuse_duplicates"


class Fault(BaseModel):
    """One way to misbehave: how often, for how long where it is about time, and with which key, else with every one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: FaultMode = FaultMode.NONE
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0
    seconds: Annotated[float, Field(ge=0, le=600)] = 10.0
    key: str = ""


class PoliceSettings(BaseSettings):
    """Where the simulator listens and keeps its records, who may write, and how it behaves from the start."""

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
        """Return how the simulator behaves from the start."""
        return Fault(mode=self.fault_mode, probability=self.fault_probability, seconds=self.fault_seconds)
