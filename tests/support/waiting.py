"""Waiting for a condition, so that no test sleeps for a guessed time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pipeline_local.stack import LocalStack
from tests.support.web import web_session

T = TypeVar("T")

POLL_SECONDS = 0.05


async def wait_for(
    condition: Callable[[], Awaitable[T]], what: str, *, seconds: float = 30, every: float = POLL_SECONDS
) -> T:
    """Return the first true value of the condition; fail if none comes in time. `every` is the pause between looks."""
    deadline = time.monotonic() + seconds
    while not (value := await condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        await asyncio.sleep(every)
    return value


async def until_ready(stack: LocalStack, *names: str, seconds: float = 60) -> None:
    """Return when each of these processes is ready."""
    for name in names:

        async def is_ready(name: str = name) -> bool:
            return await asyncio.to_thread(stack.is_ready, name)

        await wait_for(is_ready, name, seconds=seconds)


async def until_every_check_passes(stack: LocalStack, name: str) -> None:
    """Return when every readiness check of a process passes, also those that do not decide its readiness."""

    async def do_pass() -> bool:
        async with (
            web_session(stack.operations_address(name)) as session,
            session.get("/health/ready") as answer,
        ):
            checks = (await answer.json())["checks"]
        return all(check["ok"] for check in checks.values())

    await wait_for(do_pass, f"every check of {name}")


async def until_ended(stack: LocalStack, name: str, *, seconds: float = 20) -> None:
    """Return when a process has ended."""

    async def has_ended() -> bool:
        return stack.processes.pid(name) is None

    await wait_for(has_ended, f"the end of {name}", seconds=seconds)
