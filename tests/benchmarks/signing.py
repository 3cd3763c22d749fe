"""The cost of signed events: `python -m tests.benchmarks.signing`.

Each figure is paired: the same work without and with a signature, turn by turn. `--cpu-ms` is the CPU of the services
for each submission, as `make bench` prints it (`cpu_ms` without the load generator); then the share of it is printed.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from pipeline_shared.language.events import Event
from pipeline_shared.messaging.delivery import read_event
from pipeline_shared.messaging.outbox import to_row
from pipeline_shared.messaging.parking import Record
from pipeline_shared.messaging.topics import TOPIC_OF, Topic
from tests.contract.test_events import EXAMPLES
from tests.support.signing import PRODUCER_OF, SIGNERS, VERIFIER, headers_for, record_of, signed

ROUNDS, TIMES, BATCH, PAUSES = 41, 200, 500, 15
SEALED_BYTES = 4_400  # the usual size of a sealed submission

# The events of an ordinary submission that is recorded; each is signed once and checked once.
WAY = (
    "submission.received.v1",
    "submission.sanitised.v1",
    "case.status.v1",
    "case.decided.v1",
    "transfer.confirmed.v1",
    "case.status.v1",
)

CpuMs = Annotated[float | None, typer.Option(help="CPU of the services for each submission, in ms.")]


@dataclass(frozen=True, slots=True)
class Cost:
    """The bytes of an event, the µs to sign and to check it, and the bytes that its record grows by."""

    size: int
    sign: float
    check: float
    added: int


def cost_of(event: Event) -> Cost:
    """Measure one event."""
    row, topic, signer = signed(event), TOPIC_OF[type(event)], SIGNERS[PRODUCER_OF[event.model_dump()["type"]]]
    record = record_of(row)
    sign = paired(lambda: to_row(event), lambda: signer.sign(to_row(event)))
    check = paired(lambda: read_event(topic, record), lambda: _check_and_read(topic, record))
    added = sum(len(name) + len(value) for name, value in headers_for(row)[-2:])
    return Cost(len(row.value), sign, check, added)


def paired(without: Callable[[], object], with_it: Callable[[], object]) -> float:
    """Return the additional microseconds of CPU, the median of rounds that take turns."""
    return statistics.median(_micros(with_it) - _micros(without) for _ in range(ROUNDS))


def _micros(work: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(TIMES):
        work()
    return (time.process_time() - began) / TIMES * 1e6


def _check_and_read(topic: Topic[Any], record: Record) -> None:
    VERIFIER.check(topic, record)
    read_event(topic, record)


def example(name: str) -> Event:
    """Return the golden example of a topic, with a sealed submission of the usual size."""
    event = EXAMPLES[name]
    return event.model_copy(update={"sealed": bytes(SEALED_BYTES)}) if "received" in name else event


async def pause_of(records: Sequence[Record], topic: Topic[Any], *, in_a_thread: bool) -> float:
    """Return the longest time in ms for which the event loop did nothing else while a batch was checked."""

    def check() -> None:
        for record in records:
            VERIFIER.check(topic, record)

    async def run() -> None:
        await (asyncio.to_thread(check) if in_a_thread else asyncio.sleep(0, check()))

    longest, running = 0.0, asyncio.create_task(run())
    while not running.done():
        began = time.perf_counter()
        await asyncio.sleep(0)
        longest = max(longest, time.perf_counter() - began)
    return longest * 1000


async def print_pauses() -> None:
    """Print how long a batch holds up the event loop, in the loop itself and in a thread, turn by turn."""
    event = example(WAY[0])
    records, topic = [record_of(signed(event))] * BATCH, TOPIC_OF[type(event)]
    pauses = [
        (
            await pause_of(records, topic, in_a_thread=False),
            await pause_of(records, topic, in_a_thread=True),
        )
        for _ in range(PAUSES)
    ]
    inside, beside = (statistics.median(column) for column in zip(*pauses, strict=True))
    print(f"{BATCH} checks hold up the event loop: {inside:.1f} ms; in a thread: {beside:.1f} ms")  # noqa: T201


def main(cpu_ms: CpuMs = None) -> None:
    """Measure and print."""
    costs = {name: cost_of(example(name)) for name in EXAMPLES}
    for name, cost in costs.items():
        print(f"{name:<28} {cost.size:>6} B  sign {cost.sign:5.1f} µs  check {cost.check:5.1f} µs  +{cost.added} B")  # noqa: T201
    whole = sum(costs[name].sign + costs[name].check for name in WAY)
    share = f", {whole / 10 / cpu_ms:.1f} % of {cpu_ms:.2f} ms" if cpu_ms else ""
    print(f"a recorded submission, {len(WAY)} events: {whole:.0f} µs{share}")  # noqa: T201
    asyncio.run(print_pauses())


if __name__ == "__main__":
    typer.run(main)
