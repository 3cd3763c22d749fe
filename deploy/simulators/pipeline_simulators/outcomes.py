"""What became of the submissions of one feed: each receipt is in exactly one place, or it would show here.

Only an administrator of the local stack can do this: no service can follow a submission through the others' databases.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Self
from uuid import UUID

import asyncpg

ACCEPTED = "SELECT submission_ref FROM submission WHERE receipt = ANY($1::text[])"
HELD = "SELECT state, count(*) AS number FROM held WHERE submission_ref = ANY($1::uuid[]) GROUP BY state"
SANITISED = """
SELECT count(*) FROM source_record s WHERE submission_ref = ANY($1::uuid[])
AND NOT EXISTS (SELECT FROM held h WHERE h.submission_ref = s.submission_ref AND h.state <> 'released')
"""
SOURCES = "SELECT source_ref FROM source_record WHERE submission_ref = ANY($1::uuid[])"
CASES = "SELECT state, count(*) AS number FROM triage_case WHERE source_ref = ANY($1::uuid[]) GROUP BY state"
REFERENCES = """
SELECT record_ref, police_reference FROM triage_case WHERE source_ref = ANY($1::uuid[]) AND record_ref IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many of a feed's submissions are where; `waiting` are all that may still move by themselves or an officer."""

    accepted: int
    sanitised: int
    held_waiting: int
    held: int
    undecided: int
    on_the_way: int
    transferred: int
    not_recorded: int
    other_routes: int

    @property
    def waiting(self) -> int:
        """Return how many have reached no end and are not held."""
        return self.accepted - self.transferred - self.not_recorded - self.other_routes - self.held

    @property
    def settled(self) -> int:
        """Return how many have reached an end, or are held."""
        return self.accepted - self.waiting

    def is_settled(self) -> bool:
        """Tell whether nothing moves any more: all decided and confirmed, or held by a person's decision."""
        return self.waiting == 0 and self.held_waiting == 0

    def has_arrived(self) -> bool:
        """Tell whether every submission is where a person must look, or further."""
        return self.waiting == self.undecided + self.on_the_way

    def summary(self) -> dict[str, int]:
        """Return the figures that add up: accepted is the sum of the others."""
        names = ("accepted", "transferred", "not_recorded", "other_routes", "held", "waiting")
        return {name: getattr(self, name) for name in names}


class Follower:
    """Follows the submissions of some receipts with an administrator's connections."""

    def __init__(self, connections: Mapping[str, asyncpg.Connection]) -> None:
        self._connections = connections

    @classmethod
    @asynccontextmanager
    async def connect(cls, databases: Mapping[str, str]) -> AsyncGenerator[Self, None]:
        """Connect to the databases that a submission passes; `databases` are administrators' URLs by service."""
        async with AsyncExitStack() as stack:
            connections: dict[str, asyncpg.Connection] = {}
            for service in ("intake", "sanitiser", "triage"):
                connections[service] = await asyncpg.connect(databases[service], timeout=5)
                stack.push_async_callback(connections[service].close)
            yield cls(connections)

    async def outcomes(self, receipts: Sequence[str]) -> Outcomes:
        """Return where the submissions of these receipts are now."""
        submission_refs = await self._submissions(receipts)
        restricted, triage = self._connections["sanitiser"], self._connections["triage"]
        held = _counts(await restricted.fetch(HELD, submission_refs))
        cases = _counts(await triage.fetch(CASES, await self._sources(submission_refs)))
        return Outcomes(
            accepted=len(submission_refs),
            sanitised=await restricted.fetchval(SANITISED, submission_refs) or 0,
            held_waiting=held["waiting"],
            held=held["waiting"] + held["kept"],
            undecided=cases["waiting"],
            on_the_way=cases["recorded"],
            transferred=cases["transferred"],
            not_recorded=cases["not_recorded"],
            other_routes=cases["passed_on"],
        )

    async def references(self, receipts: Sequence[str]) -> dict[str, str]:
        """Return the police reference of each record made of these receipts, empty where there is none yet."""
        sources = await self._sources(await self._submissions(receipts))
        rows = await self._connections["triage"].fetch(REFERENCES, sources)
        return {str(row["record_ref"]): row["police_reference"] or "" for row in rows}

    async def _submissions(self, receipts: Sequence[str]) -> list[UUID]:
        rows = await self._connections["intake"].fetch(ACCEPTED, receipts)
        return [row["submission_ref"] for row in rows]

    async def _sources(self, submissions: Sequence[UUID]) -> list[UUID]:
        """Return what the restricted store alone knows: under which references submissions went onward."""
        rows = await self._connections["sanitiser"].fetch(SOURCES, submissions)
        return [row["source_ref"] for row in rows]


def _counts(rows: Sequence[asyncpg.Record]) -> Counter[str]:
    return Counter({row["state"]: row["number"] for row in rows})
