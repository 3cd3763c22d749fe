"""The outcomes of the submissions of one feed: each receipt is counted in exactly one place.

Only an administrator of the local stack can do this, because no service can read another's database.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Self
from uuid import UUID

import asyncpg

from intake_service import operators as intake
from pipeline_admin.databases import reading
from pipeline_shared.language.vocabulary import SafetyLevel
from sanitiser_service import operators as sanitiser
from triage_service import operators as triage


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The counts of a feed's submissions by place. `waiting` counts all that can still move.

    `needed_reader` counts those that were ever held. `rang` and `on_top` count those held and the cases of the levels
    NOW and SOON.
    """

    accepted: int
    needed_reader: int
    rang: int
    on_top: int
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
        """Return how many are neither finished nor held."""
        return self.accepted - self.transferred - self.not_recorded - self.other_routes - self.held

    @property
    def settled(self) -> int:
        """Return how many are finished or held."""
        return self.accepted - self.waiting

    def is_settled(self) -> bool:
        """Tell whether nothing moves any more: every submission is decided and confirmed, or held."""
        return self.waiting == 0 and self.held_waiting == 0

    def has_arrived(self) -> bool:
        """Tell whether every submission waits for a person or is further on."""
        return self.waiting == self.undecided + self.on_the_way

    def summary(self) -> dict[str, int]:
        """Return the figures of the summary: `accepted` is the sum of the others."""
        names = ("accepted", "transferred", "not_recorded", "other_routes", "held", "waiting")
        return {name: getattr(self, name) for name in names}


class Follower:
    """Follows submissions by their receipts, with an administrator's connections."""

    def __init__(self, connections: Mapping[str, asyncpg.Connection]) -> None:
        self._connections = connections

    @classmethod
    @asynccontextmanager
    async def connect(cls, databases: Mapping[str, str]) -> AsyncGenerator[Self, None]:
        """Connect to all databases on the path of a submission."""
        async with AsyncExitStack() as stack:
            services = ("intake", "sanitiser", "triage")
            yield cls({name: await stack.enter_async_context(reading(databases[name])) for name in services})

    async def outcomes(self, receipts: Sequence[str]) -> Outcomes:
        """Return the outcomes of the submissions with these receipts."""
        submissions, restricted = await self._submissions(receipts), self._connections["sanitiser"]
        held = await sanitiser.count_held(restricted, submissions)
        sources = await sanitiser.list_sources(restricted, submissions)
        cases = await triage.count_cases(self._connections["triage"], sources)
        levels = await sanitiser.count_held_levels(restricted, submissions)
        levels += await triage.count_levels(self._connections["triage"], sources)
        return Outcomes(
            accepted=len(submissions),
            needed_reader=held.total(),
            rang=levels[SafetyLevel.NOW],
            on_top=levels[SafetyLevel.SOON],
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
        """Return the police reference of each record from these receipts; empty when there is none yet."""
        submissions = await self._submissions(receipts)
        sources = await sanitiser.list_sources(self._connections["sanitiser"], submissions)
        found = await triage.list_references(self._connections["triage"], sources)
        return {str(record_ref): reference for record_ref, reference in found.items()}

    async def _submissions(self, receipts: Sequence[str]) -> list[UUID]:
        return await intake.list_submissions(self._connections["intake"], receipts)
