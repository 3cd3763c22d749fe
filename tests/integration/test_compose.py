"""docker-compose.yml started for real: it becomes healthy, is fed, and decides cases up to the receipt of the police.

It runs only with PIPELINE_TEST_STACK=containers, which promises Docker and the official images.
"""

import asyncio
import os
import ssl
from collections.abc import Generator
from typing import Any

import aiohttp
import pytest

from pipeline_settings.processes import SERVICE_PROCESSES
from pipeline_simulators.people import Played, play
from tests.support.compose import ComposeProject
from tests.support.keycloak import KeycloakBrowser
from tests.support.stack import OURS
from tests.support.waiting import wait_for
from tests.unit.deploy.test_compose_file import HANDED_OUT
from tests.unit.deploy.test_observability import QUERIES

pytestmark = pytest.mark.skipif(
    os.environ.get("PIPELINE_TEST_STACK") != "containers", reason="needs Docker: PIPELINE_TEST_STACK=containers"
)

FED = 60
ASK_WITHOUT_PASSWORD = """
from confluent_kafka.admin import AdminClient
AdminClient({"bootstrap.servers": "kafka:9092", "log_level": 0}).list_topics(timeout=5)
"""


@pytest.fixture(scope="module")
def project() -> Generator[ComposeProject, None, None]:
    project = ComposeProject("pipeline-test")
    try:
        project.up()
        asyncio.run(project.sign_in("operations-1"))
        yield project
    finally:
        project.down()


async def answer(url: str, tls: ssl.SSLContext, **parameters: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session, session.get(url, params=parameters, ssl=tls) as got:
        assert got.status == 200
        return await got.json()


def test_every_service_says_that_it_is_ready_where_operations_ask(project: ComposeProject) -> None:
    for name in OURS:
        project.run("exec", "-T", name, "python", "-I", "-S", "/opt/image/healthy.py")


async def test_what_is_fed_and_decided_reaches_the_police_system(project: ComposeProject) -> None:
    project.tools("feed", "--count", str(FED))
    stop, played = asyncio.Event(), Played()
    triage, desk = project.address("triage"), project.address("desk")
    people = asyncio.create_task(
        play(triage, desk, stop=stop, played=played, tls=project.tls(), open_browser=KeycloakBrowser)
    )

    async def has_settled() -> dict[str, dict[str, Any]] | None:
        stages = await asyncio.to_thread(project.status)
        cases, sent = stages["triage"]["counts"], stages["transfer"]["counts"]
        kept_or_decided = played.kept + sum(number for state, number in cases.items() if state != "waiting")
        return stages if kept_or_decided == FED and cases.get("transferred") == sent.get("confirmed") else None

    try:
        stages = await wait_for(has_settled, "every case's end", seconds=90)
    finally:
        stop.set()
        await people
    assert stages is not None
    assert stages["intake"]["counts"] == {"accepted": FED}
    assert stages["transfer"]["counts"] == {"confirmed": stages["triage"]["counts"]["transferred"]}
    assert not any(stage["parked"] for stage in stages.values())
    assert all(stage["ready"] for stage in stages.values())


async def test_every_panel_of_the_dashboard_has_data(project: ComposeProject) -> None:
    tls = project.tls()

    async def empty(query: str) -> bool:
        query = query.replace("$__rate_interval", "1m").replace("$__range", "5m")
        return not (await answer(project.address("prometheus") + "/api/v1/query", tls, query=query))["data"]["result"]

    async def none_is_empty() -> bool:
        return not [query for query in QUERIES if await empty(query)]

    await wait_for(none_is_empty, "data for every panel", seconds=60)
    assert (await answer(project.address("grafana") + "/api/health", tls))["database"] == "ok"


@pytest.mark.parametrize("name", [*OURS, "kafka", "postgres", "police"])
def test_a_container_holds_its_own_secrets_only(project: ComposeProject, name: str) -> None:
    files = project.run("exec", "-T", name, "find", "/run/keys", "-type", "f").split()
    assert {file.removeprefix("/run/keys/") for file in files} == HANDED_OUT[name]
    assert project.attempt("exec", "-T", name, "ls", "/stack/keys").returncode


@pytest.mark.parametrize("name", [*OURS, "kafka", "postgres", "police", "prometheus", "grafana"])
def test_no_container_runs_as_root_or_can_change_its_files(project: ComposeProject, name: str) -> None:
    assert project.run("exec", "-T", name, "id", "-u").strip() != "0"
    assert project.attempt("exec", "-T", "--user", "0", name, "touch", "/changed").returncode


def test_a_service_holds_no_code_of_the_others(project: ComposeProject) -> None:
    for process in SERVICE_PROCESSES:
        code = project.run("exec", "-T", process.name, "ls", "/app").split()
        assert set(code) == {"pipeline_shared", f"{process.service}_service"}


def test_the_desk_finds_no_way_to_the_broker(project: ComposeProject) -> None:
    ask = "import socket; socket.create_connection(('kafka', 9092), 3)"
    assert project.attempt("exec", "-T", "desk", "python", "-c", ask).returncode
    assert not project.attempt("exec", "-T", "sanitiser", "python", "-c", ask).returncode


def test_the_broker_answers_nobody_without_a_password(project: ComposeProject) -> None:
    arguments = ("run", "--rm", "--no-deps", "--entrypoint", "python", "tools", "-c", ASK_WITHOUT_PASSWORD)
    assert "KafkaException" in project.attempt(*arguments).stderr


def test_coming_up_again_keeps_keys_and_data(project: ComposeProject) -> None:
    project.run("stop")
    project.up()
    assert project.run("logs", "--no-log-prefix", "--since", "30s", "provision").split() == ["provisioned"]
    asyncio.run(project.sign_in("operations-1"))  # the demonstration's provider keeps no session over its restart
    assert project.status()["intake"]["counts"] == {"accepted": FED}
