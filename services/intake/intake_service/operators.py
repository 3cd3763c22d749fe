"""Operators' queries on submissions: the number accepted, and the references behind receipts."""

from collections.abc import Sequence
from uuid import UUID

from pipeline_shared.messaging.operators import StateCount
from pipeline_shared.runtime.db import Connection

COUNT_STATES = "SELECT 'accepted' AS state, count(*) AS number FROM submission"


async def count_states(connection: Connection) -> list[StateCount]:
    """Return how many submissions were accepted."""
    return [StateCount(**row) for row in await connection.fetch(COUNT_STATES)]


LIST_SUBMISSIONS = "SELECT submission_ref FROM submission WHERE receipt = ANY($1::text[])"


async def list_submissions(connection: Connection, receipts: Sequence[str]) -> list[UUID]:
    """Return the references of the submissions with these receipts."""
    return [row["submission_ref"] for row in await connection.fetch(LIST_SUBMISSIONS, receipts)]


COUNT_KNOWN = "SELECT count(*) FROM submission WHERE submission_ref = ANY($1::uuid[])"


async def count_known(connection: Connection, submissions: Sequence[UUID]) -> int:
    """Return how many of these submissions intake knows."""
    return await connection.fetchval(COUNT_KNOWN, submissions) or 0
