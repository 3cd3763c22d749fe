"""Intake's settings, from the environment (prefix INTAKE_)."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from intake_service.agencies.limits import Limit
from pipeline_shared.runtime.secret_types import SecretKey
from pipeline_shared.runtime.settings import ServiceSettings

Positive = Annotated[int, Field(gt=0)]


class Settings(ServiceSettings):
    """Intake's additional settings: the key of its HMACs (base64, 32 bytes), and the limits of an agency.

    The default limit suits a council, with 200 submissions a night, and a school, with hardly any.
    """

    model_config = SettingsConfigDict(env_prefix="INTAKE_")

    hmac_key: SecretKey
    submissions_per_minute: Positive = 120
    submissions_burst: Positive = 120

    @property
    def limit(self) -> Limit:
        """Return the limit of an agency without its own limit."""
        return Limit(self.submissions_per_minute, self.submissions_burst)
