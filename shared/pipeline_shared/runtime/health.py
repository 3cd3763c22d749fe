"""Health: a service is live while its event loop runs, and ready while everything it needs works."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.retry import pause
from pipeline_shared.runtime.tls import fault_of

WATCH_SECONDS = 1.0

Check = Callable[[], Awaitable[dict[str, object]]]


@dataclass(slots=True)
class Health:
    """Named checks; only essential ones decide readiness, the others are reported beside them."""

    metrics: Metrics
    checks: dict[str, tuple[Check, bool]] = field(default_factory=dict)

    def add(self, name: str, check: Check, *, essential: bool) -> None:
        """Add a check that returns facts, including `ok`, or raises an error."""
        self.checks[name] = (check, essential)

    async def watch(self, stop: asyncio.Event) -> None:
        """Keep the gauges of readiness correct until `stop`, whether or not anybody asks."""
        while not await pause(stop, WATCH_SECONDS):
            await self.report()

    async def report(self) -> tuple[bool, dict[str, dict[str, object]]]:
        """Return whether the service is ready, and every check's facts."""
        ready, facts = True, dict[str, dict[str, object]]()
        for name, (check, essential) in self.checks.items():
            facts[name] = await _facts(check)
            ok = bool(facts[name]["ok"])
            self.metrics.ready.labels(name).set(ok)
            ready = ready and (ok or not essential)
        return ready, facts


async def _facts(check: Check) -> dict[str, object]:
    try:
        return await check()
    except Exception as error:  # noqa: BLE001 - a check that cannot answer has failed
        fault = fault_of(error)
        return {"ok": False, "error": type(error).__name__, **({"tls": fault} if fault else {})}
