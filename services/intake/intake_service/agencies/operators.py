"""The changes that operators make to agencies and keys, each in one transaction with its audit (D-L1).

These statements run as the owner of intake's tables. The service itself may not change agencies or keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from intake_service.agencies.domain import NewKey, new_key
from intake_service.agencies.limits import Limit
from pipeline_shared.audit.entries import Operator
from pipeline_shared.language.restricted import Agency
from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.work import Work

MOST_KEYS = 2  # one in force and its replacement
KEY_DAYS = 400  # a year, and time to replace it


class AdministrationError(Exception):
    """The request cannot be carried out; the message explains why to the operator."""


# A known name is the same agency: it is enabled again and gets the new category.
PUT_AGENCY = """
INSERT INTO agency (agency_id, name, category) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET category = excluded.category, enabled = true RETURNING agency_id
"""


async def add_agency(
    work: Work, agency: Agency, operator: Operator, hmac_key: bytes, *, days: int = KEY_DAYS
) -> NewKey:
    """Allow an agency to submit, and return its first or second key; raise AdministrationError."""
    agency_id = UUID(str(await work.connection.fetchval(PUT_AGENCY, uuid4(), agency.name, agency.category.value)))
    work.audit("agency_put", actor=operator.actor, subject=str(agency_id), reason=agency.category.value)
    return await _add_key(work, agency_id, operator, hmac_key, days=days)


async def rotate_key(work: Work, name: str, operator: Operator, hmac_key: bytes, *, days: int = KEY_DAYS) -> NewKey:
    """Return a second key of an agency; the first stays valid until it is revoked. Raises AdministrationError."""
    agency_id = await _find(work.connection, name)
    if not await work.connection.fetchval(COUNT_KEYS, agency_id):
        raise AdministrationError("no key of this agency is in force: add it again")
    return await _add_key(work, agency_id, operator, hmac_key, days=days)


LASTING = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"
COUNT_KEYS = f"SELECT count(*) FROM agency_key WHERE agency_id = $1 AND {LASTING}"  # noqa: S608 - constants
LOCK_AGENCY = "SELECT agency_id FROM agency WHERE name = $1 FOR UPDATE"
ADD_KEY = """
INSERT INTO agency_key (prefix, agency_id, secret_hmac, expires_at)
VALUES ($1, $2, $3, now() + make_interval(days => $4))
"""


async def _add_key(work: Work, agency_id: UUID, operator: Operator, hmac_key: bytes, *, days: int) -> NewKey:
    if (await work.connection.fetchval(COUNT_KEYS, agency_id) or 0) >= MOST_KEYS:
        raise AdministrationError("two keys of this agency are in force: revoke one first")
    key = new_key(hmac_key)
    await work.connection.execute(ADD_KEY, key.prefix, agency_id, key.secret_hmac, days)
    work.audit("agency_key_added", actor=operator.actor, subject=key.prefix, reason=str(agency_id))
    return key


REVOKE_KEY = """
UPDATE agency_key SET revoked_at = now() WHERE prefix = $1 AND revoked_at IS NULL RETURNING agency_id
"""


async def revoke_key(work: Work, prefix: str, operator: Operator) -> None:
    """Revoke one key; raise AdministrationError when no key with this prefix is in force."""
    agency_id = await work.connection.fetchval(REVOKE_KEY, prefix)
    if agency_id is None:
        raise AdministrationError("no key with this prefix is in force")
    work.audit("agency_key_revoked", actor=operator.actor, subject=prefix, reason=str(agency_id))


DISABLE_AGENCY = "UPDATE agency SET enabled = false WHERE agency_id = $1"
REVOKE_KEYS = """
UPDATE agency_key SET revoked_at = now() WHERE agency_id = $1 AND revoked_at IS NULL RETURNING prefix
"""


async def disable_agency(work: Work, name: str, operator: Operator) -> int:
    """Disable an agency and revoke all its keys; return the number of keys revoked. Raises AdministrationError."""
    agency_id = await _find(work.connection, name)
    await work.connection.execute(DISABLE_AGENCY, agency_id)
    revoked = await work.connection.fetch(REVOKE_KEYS, agency_id)
    for row in revoked:
        work.audit("agency_key_revoked", actor=operator.actor, subject=row["prefix"], reason=str(agency_id))
    work.audit("agency_disabled", actor=operator.actor, subject=str(agency_id))
    return len(revoked)


LIMIT_AGENCY = "UPDATE agency SET per_minute = $2, burst = $3 WHERE agency_id = $1"


async def limit_agency(work: Work, name: str, limit: Limit | None, operator: Operator) -> None:
    """Set the limit of an agency, for all its keys together. None means the default from the settings."""
    agency_id = await _find(work.connection, name)
    await work.connection.execute(LIMIT_AGENCY, agency_id, *_columns(limit))
    work.audit("agency_limited", actor=operator.actor, subject=str(agency_id), reason=_said(limit))


LIMIT_KEY = "UPDATE agency_key SET per_minute = $2, burst = $3 WHERE prefix = $1 RETURNING prefix"


async def limit_key(work: Work, prefix: str, limit: Limit | None, operator: Operator) -> None:
    """Set the limit of one key. None means the limit of its agency."""
    if await work.connection.fetchval(LIMIT_KEY, prefix, *_columns(limit)) is None:
        raise AdministrationError("there is no key with this prefix")
    work.audit("agency_key_limited", actor=operator.actor, subject=prefix, reason=_said(limit))


def _columns(limit: Limit | None) -> tuple[int | None, int | None]:
    return (limit.per_minute, limit.burst) if limit else (None, None)


def _said(limit: Limit | None) -> str:
    return f"{limit.per_minute} a minute, {limit.burst} at once" if limit else "default"


async def _find(connection: Connection, name: str) -> UUID:
    """Return an agency's id and lock its row, so that concurrent operators act one after the other."""
    agency_id = await connection.fetchval(LOCK_AGENCY, name)
    if agency_id is None:
        raise AdministrationError("there is no agency of this name")
    return agency_id


@dataclass(frozen=True, slots=True)
class ListedKey:
    """One line of the list: an agency and one of its keys, never a secret."""

    name: str
    category: str
    enabled: bool
    per_minute: int | None
    burst: int | None
    prefix: str | None
    created_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_on: date | None
    key_per_minute: int | None
    key_burst: int | None


COUNT_IN_FORCE = f"SELECT count(*) FROM agency_key WHERE prefix = ANY($1::text[]) AND {LASTING}"  # noqa: S608


async def count_in_force(connection: Connection, prefixes: Sequence[str]) -> int:
    """Return how many of these keys are in force."""
    return await connection.fetchval(COUNT_IN_FORCE, prefixes) or 0


LIST_AGENCIES = """
SELECT name, category, enabled, agency.per_minute, agency.burst, prefix, agency_key.created_at, expires_at,
       revoked_at, last_used_on, agency_key.per_minute AS key_per_minute, agency_key.burst AS key_burst
FROM agency LEFT JOIN agency_key USING (agency_id)
ORDER BY name, agency_key.created_at
"""


async def list_agencies(connection: Connection) -> Sequence[ListedKey]:
    """Return every agency with each of its keys."""
    return [ListedKey(**row) for row in await connection.fetch(LIST_AGENCIES)]
