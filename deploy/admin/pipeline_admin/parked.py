"""The places where things are parked for a person, and the queries for each.

Three kinds of things are parked: Kafka records that a service could not handle (under the service's name), events of a
service's outbox that the broker refused (`<service>-outbox`), and transfers that the police system refused
(`police-system`). All are shown in the same way.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pipeline_admin.databases import administering, note_reading, reading
from pipeline_admin.installation import Installation
from pipeline_shared.audit.entries import Operator
from pipeline_shared.messaging import operators as messaging
from pipeline_shared.messaging.operators import ParkedFacts, Request
from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.work import Work
from transfer_service import operators as transfer

LISTED, SHOWN = "parked_listed", "parked_shown"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of parked thing, with its functions to list, find and replay."""

    list_all: Callable[[Connection], Awaitable[list[ParkedFacts]]]
    find: Callable[[Connection, str], Awaitable[ParkedFacts | None]]
    replay: Callable[[Work, str | None, Request], Awaitable[int]]


RECORDS = Kind(messaging.list_records, messaging.find_record, messaging.replay_records)
OUTBOX = Kind(messaging.list_events, messaging.find_event, messaging.replay_events)
TRANSFERS = Kind(transfer.list_parked, transfer.find_parked, transfer.replay_parked)


@dataclass(frozen=True, slots=True)
class ParkingPlace:
    """One place where things are parked: a service's database, and the kind of thing."""

    name: str
    dsn: str
    kind: Kind = RECORDS


def parking_places(installation: Installation) -> dict[str, ParkingPlace]:
    """Return every parking place by name. Raises NoCredentialsError."""
    places: list[ParkingPlace] = []
    for service in installation.services():
        dsn = installation.database(service)
        places += [ParkingPlace(service, dsn), ParkingPlace(f"{service}-outbox", dsn, OUTBOX)]
        places += [ParkingPlace("police-system", dsn, TRANSFERS)] if service == "transfer" else []
    return {place.name: place for place in places}


async def list_parked(place: ParkingPlace, operator: Operator) -> list[ParkedFacts]:
    """Return the facts of everything that is parked in a place; the audit gets the reading."""
    async with reading(place.dsn) as connection:
        found = await place.kind.list_all(connection)
    if found:
        await note_reading(place.dsn, operator, LISTED, subject=place.name, count=len(found), what="shown")
    return found


async def find_parked(place: ParkingPlace, parked_id: str, operator: Operator) -> ParkedFacts | None:
    """Return the facts of one parked thing; the audit gets the reading."""
    async with reading(place.dsn) as connection:
        found = await place.kind.find(connection, parked_id)
    if found:
        await note_reading(place.dsn, operator, SHOWN, subject=f"{place.name} {found.id}", count=1, what="shown")
    return found


async def ask_replay(place: ParkingPlace, parked_id: str | None, request: Request) -> int:
    """Replay one parked thing, or all; return how many."""
    async with administering(place.dsn, request.operator) as work:
        return await place.kind.replay(work, parked_id, request)
