"""Health and metrics have a port of their own, for operations only, and reveal nothing about submitters."""

import asyncio

import psutil
import pytest

from pipeline_local.stack import LocalStack
from pipeline_settings.processes import PROCESS_OF
from pipeline_shared.language.vocabulary import AgencyCategory
from tests.support.building import a_form
from tests.support.intake import add_agency, open_frontend
from tests.support.metrics import figure, read_metrics
from tests.support.stack import OURS, SERVED
from tests.support.web import web_session

PATHS = ("/health/live", "/health/ready", "/metrics")
VARIANTS = ("", "/", "?x=1")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


async def answers(address: str, paths: list[str], method: str) -> list[tuple[int, str | None]]:
    async with web_session(address) as session:
        got = [await session.request(method, path, allow_redirects=False) for path in paths]
        return [(answer.status, answer.headers.get("content-type")) for answer in got]


@pytest.mark.parametrize("service", SERVED)
async def test_the_public_port_answers_for_operations_addresses_as_for_any_that_is_none(
    pipeline: LocalStack, service: str
) -> None:
    paths = [path + variant for path in PATHS for variant in VARIANTS]
    for method in METHODS:
        (nowhere,) = await answers(pipeline.address(service), ["/nowhere/at-all"], method)
        assert nowhere[0] == 404
        assert await answers(pipeline.address(service), paths, method) == [nowhere] * len(paths)


@pytest.mark.parametrize("service", OURS)
async def test_the_operations_port_answers_for_nothing_else(pipeline: LocalStack, service: str) -> None:
    others = ["/", "/sign-in", "/queue", "/held", "/v1/submissions", "/docs", "/openapi.json"]
    for method in METHODS:
        statuses = {status for status, _ in await answers(pipeline.operations_address(service), others, method)}
        assert statuses == {404}
    readable = await answers(pipeline.operations_address(service), list(PATHS), "GET")
    assert [status for status, _ in readable] == [200] * len(PATHS)


@pytest.mark.parametrize("service", OURS)
def test_a_process_listens_on_its_own_ports_and_on_no_other(pipeline: LocalStack, service: str) -> None:
    connections = psutil.Process(pipeline.processes.pid(service)).net_connections("inet")
    listening = {one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN}
    own = {PROCESS_OF[service].operations_name} | ({service} & set(SERVED))
    assert listening == {pipeline.ports[name] for name in own}


async def test_no_figure_says_from_which_kind_of_agency_a_submission_came(pipeline: LocalStack) -> None:
    before = figure(await read_metrics(pipeline, "intake"), "pipeline_accepted_total")
    frontends = [
        open_frontend(pipeline, await add_agency(pipeline, f"The only one of {category}", category))
        for category in AgencyCategory
    ]
    got = await asyncio.gather(*(frontend.submit(a_form()) for frontend in frontends))
    await asyncio.gather(*(frontend.session.close() for frontend in frontends))
    assert {status for status, _ in got} == {202}
    assert figure(await read_metrics(pipeline, "intake"), "pipeline_accepted_total") == before + len(frontends)
    for service in OURS:
        words = {value for _, labels in await read_metrics(pipeline, service) for _, value in labels}
        assert not words & set(AgencyCategory)
