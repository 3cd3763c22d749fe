"""The figures of the running pipeline mean what their names say."""

import asyncpg
import pytest

from pipeline_admin.status import read_status
from pipeline_local.stack import LocalStack
from pipeline_shared.messaging.topics import SERVICES
from pipeline_simulators.browsing import Browser, Page
from pipeline_simulators.people import SOURCE_DESK
from tests.support.building import a_form
from tests.support.intake import Frontend, new_idempotency_key
from tests.support.journey import hold_submission, open_case, submit
from tests.support.metrics import figure, read_metrics, until_counted
from tests.support.waiting import until_ended, until_ready, wait_for

Databases = dict[str, asyncpg.Connection]

VERDICTS = {
    "recorded": {"outcome": "record"},
    "not_recorded": {"outcome": "not_record", "reason_code": "not_proportionate"},
    "passed_on": {"outcome": "other_route", "route": "mash"},
}
OPEN_FLAGS = "SELECT count(*) FROM safety_flag WHERE acknowledged_at IS NULL AND NOT settled"
END_STATUS = {"recorded": "accepted", "not_recorded": "closed", "passed_on": "passed_to_another_route"}


async def test_a_submission_is_counted_and_timed_when_it_is_stored_and_a_repetition_is_not_counted(
    pipeline: LocalStack, frontend: Frontend
) -> None:
    before, key = await read_metrics(pipeline, "intake"), new_idempotency_key()
    for _ in range(3):
        assert (await frontend.submit(a_form(), key))[0] == 202
    now = await read_metrics(pipeline, "intake")

    def grown(name: str, **labels: str) -> float:
        return figure(now, name, **labels) - figure(before, name, **labels)

    assert grown("pipeline_accepted_total") == 1
    assert grown("pipeline_stage_seconds_count", stage="submit") == 3


@pytest.mark.parametrize("became", VERDICTS)
async def test_a_decision_is_counted_by_its_outcome_and_the_end_timed_from_the_acceptance(
    pipeline: LocalStack, frontend: Frontend, databases: Databases, became: str
) -> None:
    case_id = await open_case(frontend, databases)
    at_the_desk, at_the_door = await read_metrics(pipeline, "triage"), await read_metrics(pipeline, "intake")
    async with Browser(pipeline.address("triage"), "officer-1") as officer:
        page = Page.read((await officer.read(f"/cases/{case_id}")).text)
        form = {name: page.fields[name] for name in ("csrf", "version")} | {"reason": "It is right"} | VERDICTS[became]
        assert (await officer.send(f"/cases/{case_id}/decision", form)).status == 303
        assert (await officer.send(f"/cases/{case_id}/decision", form)).status == 409
    await until_counted(pipeline, "triage", at_the_desk, "pipeline_submissions_total", became=became)
    ended = "pipeline_end_to_end_seconds_count"
    await until_counted(pipeline, "intake", at_the_door, ended, status=END_STATUS[became])


async def test_a_transfer_is_counted_when_its_receipt_is_there(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    case_id = await open_case(frontend, databases)
    before = await read_metrics(pipeline, "transfer")
    async with Browser(pipeline.address("triage"), "officer-1") as officer:
        page = Page.read((await officer.read(f"/cases/{case_id}")).text)
        form = {name: page.fields[name] for name in ("csrf", "version")} | {"reason": "It is right"}
        await officer.send(f"/cases/{case_id}/decision", form | VERDICTS["recorded"])
    await until_counted(pipeline, "transfer", before, "pipeline_submissions_total", became="transferred")


async def test_what_is_sanitised_and_what_is_held_is_counted_and_the_held_waits_until_a_person_decides(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    before, at_the_desk = await read_metrics(pipeline, "sanitiser"), await read_metrics(pipeline, "desk")
    await submit(frontend)
    await until_counted(pipeline, "sanitiser", before, "pipeline_submissions_total", became="sanitised")
    _, ref = await hold_submission(frontend, databases)
    await until_counted(pipeline, "sanitiser", before, "pipeline_submissions_total", became="held")

    async def shown() -> bool:
        figures = await read_metrics(pipeline, "desk")
        waiting = await databases["restricted"].fetchval("SELECT count(*) FROM held WHERE state = 'waiting'")
        return figure(figures, "pipeline_waiting", place="source-desk") == waiting

    await wait_for(shown, "the held submission on the gauge")
    assert figure(await read_metrics(pipeline, "desk"), "pipeline_waiting_age_seconds", place="source-desk") > 0
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        page = Page.read((await desk.read(f"/held/{ref}")).text)
        form = {name: page.fields[name] for name in ("csrf", "version")} | {"reason": "Needs the source's consent"}
        assert (await desk.send(f"/held/{ref}/hold", form)).status == 303
    await until_counted(pipeline, "desk", at_the_desk, "pipeline_submissions_total", became="kept")
    await wait_for(shown, "one less on the gauge")


async def test_the_queue_and_the_flags_that_wait_are_on_gauges(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    await open_case(frontend, databases)
    queries = {
        "triage-queue": "SELECT count(*) FROM triage_case WHERE state = 'waiting'",
        "safety-flags": f"{OPEN_FLAGS} AND level = 'now'",
        "safety-flags-soon": f"{OPEN_FLAGS} AND level = 'soon'",
    }

    async def shown() -> bool:
        figures = await read_metrics(pipeline, "triage")
        waiting = {place: await databases["triage"].fetchval(query) for place, query in queries.items()}
        return all(figure(figures, "pipeline_waiting", place=place) == number for place, number in waiting.items())

    await wait_for(shown, "the gauges to be right")


async def test_a_refused_transfer_is_on_the_gauge_of_what_is_parked_under_its_place(
    pipeline: LocalStack, databases: Databases
) -> None:
    row = """
        INSERT INTO transfer
            (record_ref, case_id, state, envelope_version, envelope, digest, decided_at, settled_at, error)
        VALUES (gen_random_uuid(), gen_random_uuid(), 'parked', '1.0', '{}', '-', now(), now(), 'status_422')
        RETURNING record_ref
    """
    record_ref = await databases["transfer"].fetchval(row)

    async def shown() -> bool:
        return figure(await read_metrics(pipeline, "transfer"), "pipeline_parked", place="police-system") >= 1

    try:
        await wait_for(shown, "the refused transfer on the gauge")
        stages = {stage.name: stage for stage in await read_status(pipeline.installation())}
        assert (stages["transfer"].parked or 0) >= 1
    finally:
        await databases["transfer"].execute("DELETE FROM transfer WHERE record_ref = $1", record_ref)


async def test_a_database_that_is_away_shows_on_the_gauge_and_in_the_status_though_nobody_asks_for_readiness(
    pipeline: LocalStack,
) -> None:
    async def gauge_is(value: float) -> bool:
        figures = await read_metrics(pipeline, "transfer")
        return figures.get(("pipeline_ready", frozenset({("check", "database")}))) == value

    await wait_for(lambda: gauge_is(1), "the gauge of a database that is there")
    pipeline.immediate_stop_postgres()
    try:
        await wait_for(lambda: gauge_is(0), "the gauge of a database that is away")
        stages = await read_status(pipeline.installation())
        assert not any(stage.database for stage in stages)
        assert all(stage.lag is not None for stage in stages)
    finally:
        await until_ended(pipeline, "postgres")
        pipeline.start("postgres")
        await until_ready(pipeline, "postgres", *SERVICES)
