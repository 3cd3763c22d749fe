"""A killed service leaves no process behind: none of its children, busy or not, and nothing else."""

import signal

import psutil
import pytest

from pipeline_local.stack import LocalStack
from tests.support.waiting import until_every_check_passes, until_ready, wait_for


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("busy", [False, True], ids=["its children idle", "its children frozen"])
@pytest.mark.parametrize("service", ["intake", "sanitiser", "desk"])
async def test_nothing_of_a_service_outlives_it(
    pipeline: LocalStack, service: str, how: signal.Signals, *, busy: bool
) -> None:
    await until_every_check_passes(pipeline, service)  # a child that still starts could not be frozen at its work
    main = psutil.Process(pipeline.processes.pid(service))

    async def its_children() -> list[psutil.Process]:
        return main.children(recursive=True)

    children = await wait_for(its_children, "the children")
    if busy:
        for child in children:
            child.suspend()  # like a child with an endless job: it does not check its pipe
    pipeline.processes.kill(service, how)

    async def none_is_left() -> bool:
        return pipeline.processes.pid(service) is None and not any(runs(child) for child in children)

    try:
        await wait_for(none_is_left, "the end of all of it", seconds=40)
    finally:
        for child in filter(runs, children):
            child.kill()  # a failed test must not leave it behind either
        pipeline.start(service)
        await until_ready(pipeline, service, seconds=120)
