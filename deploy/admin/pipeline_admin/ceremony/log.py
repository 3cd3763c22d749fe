"""The log of the ceremony: one JSON line for each act, each with the hash of the line before it.

A computer without a database keeps the log beside its keys; `pipeline keys carry` takes it to the audit. A line that is
changed or removed breaks the chain. Lines cut off at the end do not: the last hash, which is printed after each act,
shows that. Writing is always at the end.
"""

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from pipeline_admin.ceremony.refusal import CeremonyError
from pipeline_shared.audit.entries import Operator
from pipeline_shared.language.texts import Model

NAME = "ceremony.log"
START = hashlib.sha256(b"").hexdigest()


class Act(Model):
    """One act of the ceremony."""

    at: datetime
    operator: str
    action: str
    subject: str
    reason: str
    after: str  # the hash of the line before

    @property
    def digest(self) -> str:
        """Return the hash of its line."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def read_log(file: Path) -> list[Act]:
    """Return all acts; raise CeremonyError when the chain is broken."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    try:
        acts = [Act.model_validate_json(line) for line in lines]
    except ValidationError:
        raise CeremonyError("ceremony_log_changed", file.name) from None
    if [act.after for act in acts] != [START, *(act.digest for act in acts)][: len(acts)]:
        raise CeremonyError("ceremony_log_changed", file.name)
    return acts


def write_act(folder: Path, operator: Operator, action: str, *, subject: str, reason: str = "") -> str:
    """Add an act, on the disk before this returns; return its hash. Raises CeremonyError, OSError."""
    acts = read_log(folder / NAME)
    after = acts[-1].digest if acts else START
    act = Act(at=datetime.now(UTC), operator=operator.actor, action=action, subject=subject, reason=reason, after=after)
    descriptor = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as log:
        log.write(act.model_dump_json().encode() + b"\n")
        log.flush()
        os.fsync(descriptor)
    return act.digest
