"""A session ends after its person has gone: requests that a page makes by itself do not keep it alive."""

import hashlib

import pytest

from pipeline_shared.web.identity.sessions import BACKGROUND_HEADER
from tests.integration.doors.world import DECIDERS, SOURCE_DESK, World
from tests.support.people import PERSON_WITH
from tests.support.visitor import Visitor

SITES = {"triage": (PERSON_WITH[min(DECIDERS)], "/flags"), "desk": (PERSON_WITH[min(SOURCE_DESK)], "/held")}
BACK = "UPDATE session SET seen_at = now() - $2::text::interval WHERE token_hash = $1"
IDLE = "SELECT now() - seen_at > interval '9 minutes' FROM session WHERE token_hash = $1"


@pytest.mark.parametrize("site", SITES)
async def test_a_page_that_asks_by_itself_keeps_no_session_alive_and_a_person_does(world: World, site: str) -> None:
    person, path = SITES[site]
    visitor, database = await Visitor.enter(world.pipeline.address(site), person), world.database(site)
    token = hashlib.sha256(visitor.cookie("session").encode()).digest()
    background = {BACKGROUND_HEADER: "1"}
    await database.execute(BACK, token, "10 minutes")
    assert (await visitor.ask("GET", path, headers=background)).status_code == 200
    assert await database.fetchval(IDLE, token)
    assert (await visitor.ask("GET", path)).status_code == 200
    assert not await database.fetchval(IDLE, token)
    await database.execute(BACK, token, "16 minutes")
    for headers, status in ((background, 401), ({}, 303)):
        assert (await visitor.ask("GET", path, headers=headers)).status_code == status
    await visitor.leave()
