"""Readiness for operations: the gauges are correct whether or not anybody asks."""

import asyncio

from pipeline_shared.runtime.health import Health
from pipeline_shared.runtime.metrics import create_metrics
from tests.support.waiting import wait_for


async def test_the_gauges_of_readiness_follow_the_checks_though_nobody_asks() -> None:
    metrics, works = create_metrics(), asyncio.Event()
    health = Health(metrics)

    async def check() -> dict[str, object]:
        return {"ok": works.is_set()}

    def gauge() -> float | None:
        return metrics.registry.get_sample_value("pipeline_ready", {"check": "broker"})

    async def says_no() -> bool:
        return gauge() == 0

    async def says_yes() -> bool:
        return gauge() == 1

    health.add("broker", check, essential=True)
    stop = asyncio.Event()
    watching = asyncio.create_task(health.watch(stop))
    await wait_for(says_no, "the gauge of a check that fails")
    works.set()
    await wait_for(says_yes, "the gauge of a check that passes")
    stop.set()
    await watching
