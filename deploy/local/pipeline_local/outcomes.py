"""What became of the submissions of one feed: each receipt is in exactly one place, or it would show here.

Only an administrator of the local stack can do this: no service can follow a submission through the others' databases.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Self
from uuid import UUID

import asyncpg

from intake_service import operators as intake
from pipeline_admin.databases import reading
from pipeline_admin.installation import Installation
from sanitiser_service import operators as sanitiser
from triage_service import operators as triage


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
    async def connect(cls, installation: Installation) -> AsyncGenerator[Self, None]:
        """Connect to the databases that a submission passes."""
        async with AsyncExitStack() as stack:
            services = ("intake", "sanitiser", "triage")
            yield cls(
                {name: await stack.enter_async_context(reading(installation.database(name))) for name in services}
            )

    async def outcomes(self, receipts: Sequence[str]) -> Outcomes:
        """Return where the submissions of these receipts are now."""
        submissions, restricted = await self._submissions(receipts), self._connections["sanitiser"]
        held = await sanitiser.count_held(restricted, submissions)
        sources = await sanitiser.list_sources(restricted, submissions)
        cases = await triage.count_cases(self._connections["triage"], sources)
        return Outcomes(
            accepted=len(submissions),
            sanitised=await sanitiser.count_sanitised(restricted, submissions),
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
        submissions = await self._submissions(receipts)
        sources = await sanitiser.list_sources(self._connections["sanitiser"], submissions)
        found = await triage.list_references(self._connections["triage"], sources)
        return {str(record_ref): reference for record_ref, reference in found.items()}

    async def _submissions(self, receipts: Sequence[str]) -> list[UUID]:
        return await intake.list_submissions(self._connections["intake"], receipts)
