"""An installation from the operator's view: addresses and credentials, from the environment or a file.

ADMIN_DATABASES, ADMIN_AUDITS and ADMIN_OPERATIONS are JSON objects by service; ADMIN_AUDIT_KEYS is one by site, of the
files of the keys that prove its entries. ADMIN_IDENTITY is a JSON object: the
identity provider that proves the operators. ADMIN_INTAKE_HMAC_KEY is base64. ADMIN_AUTHORITIES names the file of the
authorities that sign the services' certificates; without it, the system's count. ADMIN_FILE names a JSON file with the
same settings in lower case and without the prefix; environment variables take precedence. An operator may have
credentials for some services only.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic_settings import (
    BaseSettings,
    JsonConfigSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from pipeline_admin.operator.settings import IdentitySettings
from pipeline_shared.language.encoding import decode_base64, encode_base64
from pipeline_shared.runtime.secret_types import PostgresUrl, SecretKey
from pipeline_shared.web.identity.entry_proofs import AuditKey
from pipeline_shared.web.identity.session_key import SessionKey

FILE = "ADMIN_FILE"


class NoCredentialsError(Exception):
    """The operator has not been given a credential; carries the setting, and the service if it is one's."""


class Installation(BaseSettings):
    """The addresses of databases and metrics, who proves operators, and the key for making agencies' API keys."""

    model_config = SettingsConfigDict(env_prefix="ADMIN_", frozen=True, extra="ignore", hide_input_in_errors=True)

    databases: Mapping[str, PostgresUrl]
    audits: Mapping[str, PostgresUrl] = {}
    audit_keys: Mapping[str, Path] = {}
    operations: Mapping[str, str] = {}
    identity: IdentitySettings | None = None
    authorities: Path | None = None
    intake_hmac_key: SecretKey | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read values from code first, then from the environment, then from the file."""
        del dotenv_settings, file_secret_settings  # not used
        file = os.environ.get(FILE)
        return init_settings, env_settings, JsonConfigSettingsSource(settings_cls, Path(file) if file else None)

    def services(self) -> tuple[str, ...]:
        """Return the services whose databases are given, at least one. Raises NoCredentialsError."""
        if not self.databases:
            raise NoCredentialsError("ADMIN_DATABASES")
        return tuple(self.databases)

    def database(self, service: str) -> str:
        """Return the URL of a service's database for the role of its operators. Raises NoCredentialsError."""
        if service not in self.databases:
            raise NoCredentialsError("ADMIN_DATABASES", service)
        return self.databases[service].get_secret_value()

    def audit(self, service: str) -> str:
        """Return the URL of a service's database for those who check its audit. Raises NoCredentialsError."""
        if service not in self.audits:
            raise NoCredentialsError("ADMIN_AUDITS", service)
        return self.audits[service].get_secret_value()

    def audit_key(self, site: str) -> Path:
        """Return the file with the key that proves a site's entries. Raises NoCredentialsError."""
        if site not in self.audit_keys:
            raise NoCredentialsError("ADMIN_AUDIT_KEYS", site)
        return self.audit_keys[site]

    def hmac_key(self) -> str:
        """Return the key of the HMACs of agencies' API keys, in base64. Raises NoCredentialsError."""
        if self.intake_hmac_key is None:
            raise NoCredentialsError("ADMIN_INTAKE_HMAC_KEY", "intake")
        return self.intake_hmac_key.get_secret_value()


def audit_key_file(site: str) -> str:
    """Return the name of the file with the key that proves a site's entries."""
    return f"audit_key_{site}"


def audit_key_of(session_key: str) -> bytes:
    """Return the audit key, in base64, that belongs to a session key in base64."""
    return encode_base64(AuditKey.of(SessionKey(decode_base64(session_key))).key).encode()
