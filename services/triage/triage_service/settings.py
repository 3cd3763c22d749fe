"""Triage's settings: the shared ones, those of its pages, and how long a case that is not recorded is kept."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.settings import ServiceSettings
from pipeline_shared.web.identity.settings import PagesSettings


class Settings(ServiceSettings, PagesSettings):
    """Settings of triage, from the environment (prefix TRIAGE_)."""

    model_config = SettingsConfigDict(env_prefix="TRIAGE_", frozen=True, extra="ignore", hide_input_in_errors=True)

    not_recorded_kept_days: Annotated[int, Field(gt=0, le=365)] = 31

    @property
    def not_recorded_kept_for(self) -> timedelta:
        """Return how long a case that is not recorded is kept before its disposal (D-L5)."""
        return timedelta(days=self.not_recorded_kept_days)
