"""Secrets in files: a setting `NAME` may be given as `NAME_FILE`, the path of a file that only its owner can read.

The environment of a process can be read by whoever may inspect it, by `docker inspect` and by every child; a file can
be read by its owner alone. This module reads such files, and is the one place that checks their modes.
"""

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

SUFFIX = "_file"
OTHERS = stat.S_IRWXG | stat.S_IRWXO
IS_SECRET = "secret file"  # noqa: S105 - a mark in annotations
CERTIFICATE, KEY = "certificate_file", "certificate_key_file"

SecretPath = Annotated[Path, IS_SECRET]


class SecretFileError(Exception):
    """The file of a secret cannot be read; carries the name of its setting, never a path or content."""


class _FilesSource(EnvSettingsSource):
    """Reads the values of settings from the files that the environment names."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        environ = {name.lower(): value for name, value in os.environ.items()}
        wanted = {name: environ.get(name + SUFFIX) for name in _variables(self.settings_cls)}
        return {name: _read(name, path) for name, path in wanted.items() if path}


class FileSettings(BaseSettings):
    """Settings of which each may be given as a value or as the path of a file; the file takes precedence."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read values from code first, then from files, then from the environment."""
        del dotenv_settings, file_secret_settings  # not used
        return init_settings, _FilesSource(settings_cls), env_settings


@dataclass(frozen=True, slots=True)
class SecretFile:
    """What the file system says of a secret's file: `None` when it is not there."""

    mode: int | None
    owner: int | None

    def fault(self, process: int) -> str | None:
        """Return why a process of this account must not use the file, or None."""
        if self.mode is None:
            return "the file is not there"
        if self.owner not in (0, process):
            return "the file belongs to another account"
        return "others can reach the file: chmod 600" if self.mode & OTHERS else None


def secret_files(settings: BaseSettings) -> dict[str, SecretFile]:
    """Return the facts of every secret's file, by the name of its setting."""
    return {name: _facts(path) for name, path in _secret_paths(settings)}


def openly_given(settings: type[BaseSettings], environ: Collection[str]) -> list[str]:
    """Return the secret settings that the environment holds as values."""
    names = {name.upper() for name in environ}
    return [name.upper() for name, field in _variables(settings).items() if _is_secret(field) and name.upper() in names]


def _variables(settings: type[BaseSettings]) -> dict[str, FieldInfo]:
    """Return the settings that a file can hold, by their variables in lower case."""
    prefix, fields = settings.model_config.get("env_prefix", ""), settings.model_fields
    return {f"{prefix}{name}".lower(): field for name, field in fields.items() if name + SUFFIX not in fields}


def _secret_paths(settings: BaseSettings) -> Iterator[tuple[str, Path]]:
    environ = {name.lower(): value for name, value in os.environ.items()}
    for name, field in _variables(type(settings)).items():
        if _is_secret(field) and (path := environ.get(name + SUFFIX)):
            yield (name + SUFFIX).upper(), Path(path)
    prefix = settings.model_config.get("env_prefix", "")
    for name, field in type(settings).model_fields.items():
        if IS_SECRET in field.metadata or IS_SECRET in _metadata_inside(field):
            yield from ((f"{prefix}{name}".upper(), path) for path in _paths(getattr(settings, name)))
    certificate = getattr(settings, CERTIFICATE, None)
    if certificate and not getattr(settings, KEY, None):  # then it holds the key, too
        yield f"{prefix}{CERTIFICATE}".upper(), certificate


def _paths(value: object) -> tuple[Path, ...]:
    return cast("tuple[Path, ...]", value) if isinstance(value, tuple) else (value,) if isinstance(value, Path) else ()


def _metadata_inside(field: FieldInfo) -> tuple[Any, ...]:
    """Return the annotations of an optional type's own type."""
    return tuple(meta for kind in get_args(field.annotation) for meta in getattr(kind, "__metadata__", ()))


def _is_secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)


def _read(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise SecretFileError((name + SUFFIX).upper()) from None


def _facts(path: Path) -> SecretFile:
    try:
        facts = path.stat()
    except OSError:
        return SecretFile(None, None)
    return SecretFile(stat.S_IMODE(facts.st_mode), facts.st_uid)
