"""Each reading and each decision first writes an audit row: if that fails, nothing is shown or changed."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from tests.integration.doors.table import DOORS, Door
from tests.integration.doors.test_roles import asked
from tests.integration.doors.world import World
from tests.support.people import PERSON_WITH

# Refuse audit rows of people only: the services continue meanwhile.
REFUSE = """
    CREATE OR REPLACE FUNCTION refuse_audit() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit cannot be written'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON audit FOR EACH ROW WHEN (NEW.actor LIKE 'person:%')
        EXECUTE FUNCTION refuse_audit();
"""
WITH_ROWS = [door for door in DOORS if door.audit]


@asynccontextmanager
async def no_audit_of_people(world: World, site: str) -> AsyncGenerator[None, None]:
    await world.database(site).execute(REFUSE)
    try:
        yield
    finally:
        await world.database(site).execute("DROP TRIGGER refuse ON audit; DROP FUNCTION refuse_audit()")


def person_at(door: Door) -> str:
    return PERSON_WITH[min(door.roles)]


@pytest.mark.parametrize("door", DOORS, ids=str)
async def test_who_did_it_what_and_to_what_is_in_the_audit(world: World, door: Door) -> None:
    errand = await door.prepare(world)
    visitor = await world.visitor(door.site, person_at(door))
    last = await world.last_audit(door.site)
    answer = await asked(visitor, door, errand)
    assert answer.status_code == door.status
    assert door.shows in answer.text
    rows = [
        (actor, action, subject if errand.subject else "")
        for actor, action, subject in await world.audit(door.site, last)
    ]
    assert rows == [(world.id_of(visitor.person), action, str(errand.subject or "")) for action in door.audit]


@pytest.mark.parametrize("door", WITH_ROWS, ids=str)
async def test_without_its_row_nothing_is_shown_and_nothing_changed(world: World, door: Door) -> None:
    errand = await door.prepare(world)
    visitor = await world.visitor(door.site, person_at(door))
    before = await world.state(door.site, errand.subject)
    async with no_audit_of_people(world, door.site):
        answer = await asked(visitor, door, errand)
    assert answer.status_code in {500, 503}
    assert "Nothing was changed" in answer.text
    assert not door.shows or door.shows not in answer.text
    assert await world.state(door.site, errand.subject) == before
