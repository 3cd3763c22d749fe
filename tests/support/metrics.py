"""The metrics of a running service, in a form that a test can compare."""

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from pipeline_local.stack import LocalStack
from pipeline_shared.runtime.metrics import Metrics
from tests.support.waiting import wait_for
from tests.support.web import web_session

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def read_metrics(stack: LocalStack, service: str) -> Figures:
    """Return every figure of a service by its name and labels."""
    async with web_session(stack.operations_address(service)) as session, session.get("/metrics") as answer:
        return _parse(await answer.text())


def figures_of(metrics: Metrics) -> Figures:
    """Return every figure of a part that a test runs by itself."""
    return _parse(generate_latest(metrics.registry).decode())


def _parse(text: str) -> Figures:
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}


def figure(figures: Figures, name: str, **labels: str) -> float:
    """Return one figure, or 0 if the service has never counted it."""
    return figures.get((name, frozenset(labels.items())), 0.0)


async def until_counted(stack: LocalStack, service: str, before: Figures, name: str, **labels: str) -> None:
    """Return when a figure is exactly one more than before; fail if it grows further."""

    async def grown() -> bool:
        now = figure(await read_metrics(stack, service), name, **labels)
        assert now <= figure(before, name, **labels) + 1
        return now > figure(before, name, **labels)

    await wait_for(grown, f"{name} to be counted")
