"""All SQL of requests about agencies, keys and limits."""

from datetime import timedelta
from typing import NamedTuple

from intake_service.agencies.domain import KnownAgency, UnusableAgencyError
from intake_service.agencies.limits import Limit
from pipeline_shared.language.restricted import Agency
from pipeline_shared.language.vocabulary import AgencyCategory
from pipeline_shared.runtime.db import Connection

IN_FORCE = "enabled AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"

FIND_AGENCY = f"""
SELECT agency_id, name, category, prefix, secret_hmac,
       agency.per_minute, agency.burst, agency_key.per_minute AS key_per_minute, agency_key.burst AS key_burst
FROM agency_key JOIN agency USING (agency_id)
WHERE prefix = $1 AND {IN_FORCE}
"""  # noqa: S608 - constants


async def find_agency(connection: Connection, prefix: str, otherwise: Limit) -> KnownAgency | None:
    """Return the agency of the key with this prefix, if the key is in force; raise UnusableAgencyError.

    `otherwise` is the limit of an agency without its own. A key without its own limit has its agency's limit.
    """
    row = await connection.fetchrow(FIND_AGENCY, prefix)
    if not row:
        return None
    try:
        agency = Agency(name=row["name"], category=AgencyCategory(row["category"]))
    except ValueError:
        raise UnusableAgencyError from None
    limit = Limit(row["per_minute"], row["burst"]) if row["burst"] else otherwise
    key_limit = Limit(row["key_per_minute"], row["key_burst"]) if row["key_burst"] else limit
    return KnownAgency(row["agency_id"], agency, row["prefix"], row["secret_hmac"], limit, key_limit)


LIST_PREFIXES = f"SELECT prefix FROM agency_key JOIN agency USING (agency_id) WHERE {IN_FORCE}"  # noqa: S608 - constants


async def list_prefixes(connection: Connection) -> frozenset[str]:
    """Return the prefixes of all keys in force."""
    return frozenset(row["prefix"] for row in await connection.fetch(LIST_PREFIXES))


class WantedTokens(NamedTuple):
    """A request for tokens: the bucket, the time to regain the tokens, and the time to fill the bucket."""

    holder: str
    cost: timedelta
    depth: timedelta


class TakenTokens(NamedTuple):
    """Whether the key is in force, whether tokens were taken, and the seconds until each bucket is full."""

    is_in_force: bool
    is_allowed: bool
    key_full_in: float
    agency_full_in: float


# Both buckets must have the tokens, with one exception: when the agency's bucket is empty, the key's bucket has already
# paid. An instance that waited for a row lock sees the values that the other instance wrote. The key is found in the
# same statement, so every instance refuses a revoked one at once; its first use of a day is written down.
TAKE_TOKENS = f"""
WITH in_force AS (SELECT FROM agency_key JOIN agency USING (agency_id) WHERE prefix = $7 AND {IN_FORCE}),
used AS (
    UPDATE agency_key SET last_used_on = current_date
    WHERE prefix = $7 AND last_used_on IS DISTINCT FROM current_date AND EXISTS (SELECT FROM in_force)),
of_key AS (
    INSERT INTO rate_bucket AS b (holder, full_at) SELECT $1, now() + $2::interval FROM in_force
    ON CONFLICT (holder) DO UPDATE SET full_at = greatest(b.full_at, now()) + $2::interval
    WHERE greatest(b.full_at, now()) + $2::interval <= now() + $3::interval
    RETURNING full_at),
of_agency AS (
    INSERT INTO rate_bucket AS b (holder, full_at) SELECT $4, now() + $5::interval FROM of_key
    ON CONFLICT (holder) DO UPDATE SET full_at = greatest(b.full_at, now()) + $5::interval
    WHERE greatest(b.full_at, now()) + $5::interval <= now() + $6::interval
    RETURNING full_at),
known AS (SELECT holder, full_at FROM rate_bucket WHERE holder IN ($1, $4))
SELECT EXISTS (SELECT FROM in_force) AS is_in_force, EXISTS (SELECT FROM of_agency) AS is_allowed,
       extract(epoch FROM coalesce(
           (SELECT full_at FROM of_key), (SELECT full_at FROM known WHERE holder = $1), now()) - now())::float
           AS key_full_in,
       extract(epoch FROM coalesce(
           (SELECT full_at FROM of_agency), (SELECT full_at FROM known WHERE holder = $4), now()) - now())::float
           AS agency_full_in
"""  # noqa: S608 - constants


async def take_tokens(
    connection: Connection, prefix: str, of_key: WantedTokens, of_agency: WantedTokens
) -> TakenTokens:
    """Take tokens from the buckets of a key in force and its agency, if both have enough."""
    (row,) = await connection.fetch(TAKE_TOKENS, *of_key, *of_agency, prefix)
    return TakenTokens(*row)
