"""Several copies of each service on one stack, behind balancers on the ports where the stack has one process.

The copies of a service have the same accounts, keys and certificate, and ports of their own. The first has the stack's
own port for operations, so that the stack's commands ask it.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from pipeline_local.ports import LOOPBACK, free_ports
from pipeline_local.processes import Program
from pipeline_local.stack import LocalStack
from pipeline_settings.processes import PROCESS_OF
from tests.support.balancer import Balancer
from tests.support.stack import OURS, SERVED, create_stack, running
from tests.support.waiting import wait_for
from tests.support.web import web_session


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a service: its program, and where it answers."""

    stack: LocalStack
    program: Program
    port: int
    operations_port: int

    @classmethod
    def of(cls, stack: LocalStack, service: str, number: int, **settings: str) -> "Copy":
        """Return a copy that has not been started; `settings` come without the service's prefix."""
        base, name = stack.program(service), f"{service}-{number}"
        port, operations_port = free_ports(2)
        if number == 1:
            operations_port = stack.ports[PROCESS_OF[service].operations_name]
        own = {"OPERATIONS_PORT": str(operations_port), **({"PORT": str(port)} if PROCESS_OF[service].port else {})}
        changed = {f"{service.upper()}_{key}": value for key, value in {**own, **settings}.items()}
        program = replace(
            base,
            name=name,
            log=Path(base.log).with_name(f"{name}.log"),
            environment={**base.environment, **changed},
            stop_seconds=60,
        )
        return cls(stack, program, port, operations_port)

    @property
    def name(self) -> str:
        """Return the name of the process."""
        return self.program.name

    @property
    def address(self) -> str:
        """Return the base URL for frontends and people."""
        return f"https://{LOOPBACK}:{self.port}"

    @property
    def operations_address(self) -> str:
        """Return the base URL of health and metrics."""
        return f"https://{LOOPBACK}:{self.operations_port}"

    def start(self) -> None:
        """Start it, without waiting for it."""
        self.stack.processes.start(self.program)

    def kill(self) -> None:
        """End it without a word."""
        self.stack.processes.kill(self.name)

    async def stop(self) -> None:
        """Tell it to end, and wait until it has."""
        await asyncio.to_thread(self.stack.processes.stop, [self.name])

    async def readiness(self) -> tuple[int, dict[str, Any]]:
        """Return the status and the content of its ready page."""
        async with web_session(self.operations_address) as session, session.get("/health/ready") as answer:
            return answer.status, await answer.json()

    async def is_ready(self) -> bool:
        """Tell whether it says that it is ready."""
        with contextlib.suppress(aiohttp.ClientError, OSError):
            status, _ = await self.readiness()
            return status == HTTPStatus.OK
        return False

    async def until_ready(self) -> None:
        """Return when it is ready."""
        await wait_for(self.is_ready, f"{self.name} to be ready", seconds=60)

    async def until_ended(self) -> None:
        """Return when its process has ended."""

        async def has_ended() -> bool:
            return self.stack.processes.pid(self.name) is None

        await wait_for(has_ended, f"{self.name} to end", seconds=60)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two copies of each service."""

    stack: LocalStack
    of: dict[str, tuple[Copy, Copy]]

    def __iter__(self) -> Iterator[Copy]:
        """Yield every copy."""
        return (copy for pair in self.of.values() for copy in pair)

    @asynccontextmanager
    async def balanced(self) -> AsyncGenerator[dict[str, Balancer], None]:
        """Start what does not run, and balance connections while the block runs; yield the balancers by service."""
        for copy in self:
            copy.start()
        for copy in self:
            await copy.until_ready()
        async with contextlib.AsyncExitStack() as open_ones:
            yield {
                name: await open_ones.enter_async_context(Balancer.open(self.stack.ports[name], self.of[name]))
                for name in SERVED
            }


@contextmanager
def in_pairs(home: Path, **settings: str) -> Generator[Pairs, None, None]:
    """Prepare a stack with two copies of each service; at the end stop it and leave its folder."""
    with running(create_stack(home), "police", "provider") as stack:
        yield Pairs(
            stack, {name: (Copy.of(stack, name, 1, **settings), Copy.of(stack, name, 2, **settings)) for name in OURS}
        )
