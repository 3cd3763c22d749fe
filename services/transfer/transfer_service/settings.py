"""Transfer's settings, from the environment (prefix TRANSFER_)."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.secret_files import SecretPath
from pipeline_shared.runtime.secret_types import Password
from pipeline_shared.runtime.settings import KafkaSettings
from pipeline_shared.runtime.tls import TlsFiles

REQUESTS_A_RECORD = 2  # at most a look-up and a creation


class Settings(KafkaSettings):
    """The additional settings of transfer: the police system, and the limits on requests to it."""

    model_config = SettingsConfigDict(env_prefix="TRANSFER_")

    police_url: str
    police_token: Password
    police_ca_file: Path | None = None  # the authorities that sign the police system's certificate; or the system's
    police_client_cert_file: Path | None = None  # what transfer shows the police system (mTLS)
    police_client_key_file: SecretPath | None = None  # without it, the key is in the file of the certificate
    police_name: str = "police-records-system"
    police_timeout_seconds: Annotated[float, Field(gt=0)] = 5
    concurrency: Annotated[int, Field(gt=0, le=256)] = 16
    batch: Annotated[int, Field(gt=0, le=1_000)] = 128
    lease_seconds: Annotated[float, Field(gt=0)] = 20

    @model_validator(mode="after")
    def _lease_covers_a_record(self) -> Self:
        """Refuse a lease that could end while a record is still being sent."""
        if self.start_within <= timedelta(0):
            raise ValueError("lease_seconds must be longer than the requests that one record may need")
        return self

    @property
    def police_tls(self) -> TlsFiles:
        """Return the files for connections to the police system."""
        return TlsFiles(self.police_ca_file, self.police_client_cert_file, self.police_client_key_file)

    @property
    def start_within(self) -> timedelta:
        """Return how long after the claim a record may be started, so that its requests end within the lease."""
        return timedelta(seconds=self.lease_seconds - REQUESTS_A_RECORD * self.police_timeout_seconds)
