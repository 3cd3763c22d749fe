"""The output of `pipeline status` when stages do not answer: people read it most when something is down."""

import socket
from io import StringIO

from pydantic import SecretStr
from rich.console import Console

from pipeline_admin.commands.inspect import status_table
from pipeline_admin.installation import Installation
from pipeline_admin.status import Stage, read_status
from pipeline_shared.messaging.topics import SERVICES


def nobody_listens() -> Installation:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return Installation(
        operations=dict.fromkeys(SERVICES, f"http://127.0.0.1:{port}"),
        databases=dict.fromkeys(SERVICES, SecretStr(f"postgresql://nobody@127.0.0.1:{port}/none")),
    )


def shown(*stages: Stage) -> str:
    text = StringIO()
    Console(file=text, width=200).print(status_table(list(stages)))
    return text.getvalue()


async def test_a_stage_whose_service_and_database_are_away_is_shown_as_away() -> None:
    stages = await read_status(nobody_listens())
    assert [stage.name for stage in stages] == list(SERVICES)
    assert not any(stage.ready or stage.database for stage in stages)
    text = shown(*stages)
    assert text.count("(away)") == text.count("its database is away") == len(SERVICES)


async def test_a_process_beside_a_service_is_shown_by_whether_it_is_ready() -> None:
    away = nobody_listens()
    address = away.operations["intake"]
    stages = await read_status(away.model_copy(update={"operations": {**away.operations, "desk": address}}))
    assert [stage.name for stage in stages] == [*SERVICES, "desk"]
    assert "desk (away)" in shown(stages[-1])


def test_a_stage_that_works_shows_its_figures() -> None:
    stage = Stage(
        name="transfer",
        ready=True,
        counts={"confirmed": 7, "parked": 2},
        oldest_waiting=None,
        lag=0,
        outbox=3,
        outbox_age=61.0,
        parked=2,
    )
    assert "transfer 7 confirmed, 2 parked - 0 3 (1 min 1 s) 2" in " ".join(shown(stage).split())
