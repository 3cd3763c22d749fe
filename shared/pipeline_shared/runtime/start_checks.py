"""What a process refuses to start with: everything wrong in one list, with names of settings and never their values.

Production refuses what a demonstration may do: clear text on any wire, secrets in the environment, simulators. A local
process refuses to be reached from elsewhere. Neither uses a secret's file that others can read.
"""

import ipaddress
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsError

from pipeline_shared.encoder.files import FOLDER, TOKENIZER, EncoderError, read_file
from pipeline_shared.runtime.secret_files import SecretFile, SecretFileError, openly_given, secret_files

REFUSED = 78  # EX_CONFIG of sysexits.h
LOCAL, PRODUCTION = "local", "production"
FEWEST_REPLICAS = 2

S = TypeVar("S", bound=BaseSettings)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a process finds around its settings: secrets in its environment, the files of secrets, its account."""

    openly_given: tuple[str, ...] = ()
    files: Mapping[str, SecretFile] = field(default_factory=dict[str, SecretFile])
    account: int = 0


Reason = str | None
Rule = Callable[[Any, BaseSettings], Reason]


def refusals(settings: BaseSettings, around: Surroundings) -> list[str]:
    """Return everything that is wrong, as `SETTING: reason`; empty when the process may start."""
    environment = getattr(settings, "environment", PRODUCTION)
    rules = {**ALWAYS, **(IN_PRODUCTION if environment == PRODUCTION else ON_THIS_MACHINE)}
    found = [(_variable(settings, name), reason) for name, reason in _broken(settings, rules)]
    found += [(name, reason) for name, file in around.files.items() if (reason := file.fault(around.account))]
    if environment == PRODUCTION:
        found += [(name, f"a secret in the environment: use {name}_FILE") for name in around.openly_given]
    return sorted(f"{name}: {reason}" for name, reason in found)


def surroundings_of(settings: BaseSettings) -> Surroundings:
    """Return the surroundings of this process."""
    return Surroundings(tuple(openly_given(type(settings), os.environ)), secret_files(settings), os.getuid())


def read_settings(settings_type: type[S]) -> S:
    """Return the settings from environment and files; end the process with one list of what is wrong with them."""
    try:
        settings = settings_type()
    except SecretFileError as error:
        refuse_to_start([f"{error}: the file cannot be read"])
    except ValidationError as error:
        prefix = settings_type.model_config.get("env_prefix", "")
        refuse_to_start(sorted({f"{prefix}{_field(each)}".upper() + f": {_why(each)}" for each in error.errors()}))
    except SettingsError:
        refuse_to_start(["a setting is no JSON"])
    else:
        if found := refusals(settings, surroundings_of(settings)):
            refuse_to_start(found)
        return settings
    raise AssertionError


def require_encoder(graph: str, folder: Path = FOLDER) -> None:
    """End the process when a file that a graph of the encoder needs is missing or is another one; raise SystemExit."""
    try:
        for name in (graph, TOKENIZER):
            read_file(name, folder)
    except EncoderError as error:
        refuse_to_start([f"the encoder's file {error} is missing, or its hash is not the manifest's"])


def refuse_to_start(found: list[str]) -> None:
    """End the process, with the list on its standard error. Raises SystemExit."""
    sys.stderr.write("refused to start:\n" + "".join(f"  {line}\n" for line in found))
    sys.exit(REFUSED)


def _broken(settings: BaseSettings, rules: Mapping[str, Rule]) -> Iterator[tuple[str, str]]:
    for name, rule in rules.items():
        if name in type(settings).model_fields and (reason := rule(getattr(settings, name), settings)):
            yield name, reason


def _variable(settings: BaseSettings, name: str) -> str:
    return f"{settings.model_config.get('env_prefix', '')}{name}".upper()


def _field(problem: Mapping[str, Any]) -> str:
    return str(problem["loc"][0]) if problem["loc"] else "settings"


def _why(problem: Mapping[str, Any]) -> str:
    return "missing" if problem["type"] == "missing" else "wrong"


def _sasl_ssl(protocol: str, _settings: BaseSettings) -> Reason:
    return None if protocol == "SASL_SSL" else "clear text: SASL_SSL is needed"


def _verified_database(url: SecretStr, _settings: BaseSettings) -> Reason:
    options = parse_qs(urlsplit(url.get_secret_value()).query)
    if options.get("sslmode", [""])[-1] != "verify-full":
        return "not verified: sslmode=verify-full is needed"
    return None if options.get("sslrootcert") else "no authority: sslrootcert is needed"


def _https(url: str, _settings: BaseSettings) -> Reason:
    return None if urlsplit(url).scheme == "https" else "clear text: https is needed"


def _https_if_given(url: str, settings: BaseSettings) -> Reason:
    return _https(url, settings) if url else None


def _certificate(file: object, settings: BaseSettings) -> Reason:
    """Require a certificate for what listens in the open: pages that no proxy hides, operations beyond loopback."""
    asked = "host" in type(settings).model_fields and not getattr(settings, "plain_http_from_proxies", False)
    watched = not _is_loopback(getattr(settings, "operations_host", "localhost"))
    return "a listener has no certificate" if file is None and (asked or watched) else None


def _named_proxies(plain: bool, settings: BaseSettings) -> Reason:  # noqa: FBT001 - the value of a setting
    return "needs TRUSTED_PROXIES" if plain and not getattr(settings, "trusted_proxies", ()) else None


def _some_proxies(networks: tuple[Any, ...], _settings: BaseSettings) -> Reason:
    return "trusts every address" if any(network.prefixlen == 0 for network in networks) else None


def _loopback(host: str, settings: BaseSettings) -> Reason:
    if getattr(settings, "in_container", False) or _is_loopback(host):
        return None
    return "a local process listens on the loopback address only; a container says so with IN_CONTAINER"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _replicated(replicas: int, _settings: BaseSettings) -> Reason:
    return None if replicas >= FEWEST_REPLICAS else "the loss of one broker loses records"


def _no_simulator(is_simulator: bool, _settings: BaseSettings) -> Reason:  # noqa: FBT001 - the value of a setting
    return "a simulator has no place in production" if is_simulator else None


ALWAYS: Mapping[str, Rule] = {"plain_http_from_proxies": _named_proxies, "trusted_proxies": _some_proxies}
ON_THIS_MACHINE: Mapping[str, Rule] = {"host": _loopback, "operations_host": _loopback}
IN_PRODUCTION: Mapping[str, Rule] = {
    "kafka_security_protocol": _sasl_ssl,
    "kafka_replicas": _replicated,
    "kafka_min_insync": _replicated,
    "database_url": _verified_database,
    "postgres_url": _verified_database,
    "police_url": _https,
    "public_url": _https,
    "oidc_issuer": _https,
    "oidc_address": _https_if_given,
    "certificate_file": _certificate,
    "is_simulator": _no_simulator,
}
