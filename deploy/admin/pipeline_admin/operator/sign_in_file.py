"""The file of an operator's sign-in: the refresh token, which the provider exchanges for a proof at each command."""

import fcntl
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline_admin.operator.refusal import OperatorError
from pipeline_admin.operator.settings import IdentitySettings
from pipeline_shared.runtime.secret_files import OTHERS


class SignIn(BaseModel):
    """A sign-in at one provider, by one client of it."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    client_id: str
    refresh_token: str
    began_at: float


@dataclass(frozen=True, slots=True)
class SignInFile:
    """The file of one installation."""

    path: Path
    issuer: str
    client_id: str
    lasts_seconds: float

    @classmethod
    def of(cls, settings: IdentitySettings) -> Self:
        """Return the file that the settings name."""
        path, lasts_seconds = settings.session_file.expanduser(), settings.sign_in_minutes * 60.0
        return cls(path, settings.issuer, settings.client_id, lasts_seconds)

    @contextmanager
    def locked(self) -> Generator[None]:
        """Keep other commands of this account waiting: a refresh token counts once."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def read(self, now: float) -> SignIn:
        """Return the sign-in; raise OperatorError if there is none for this provider, or if it has ended."""
        try:
            with self.path.open("rb") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & OTHERS:
                    raise OperatorError("sign_in_open", self.path.name)
                known = SignIn.model_validate_json(file.read())
        except (OSError, ValidationError):
            raise OperatorError("not_signed_in") from None
        if (known.issuer, known.client_id) != (self.issuer, self.client_id):
            raise OperatorError("not_signed_in")
        if not 0 <= now - known.began_at < self.lasts_seconds:
            raise OperatorError("sign_in_ended", "it was too long ago")
        return known

    def write(self, refresh_token: str, began_at: float) -> None:
        """Put a refresh token in the place of the one before."""
        known = SignIn(issuer=self.issuer, client_id=self.client_id, refresh_token=refresh_token, began_at=began_at)
        draft = self.path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(known.model_dump_json().encode())
        draft.replace(self.path)

    def forget(self) -> None:
        """Delete the sign-in from this computer."""
        self.path.unlink(missing_ok=True)
