"""The figures of a benchmark: percentiles of each stage, throughput, CPU for each submission."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.cpu import GENERATOR

OFFICERS = "officers"  # the benchmark decides instead of officers; the bare pipeline has no such step
PERCENTILES = (0.5, 0.99)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of many submissions through a pipeline: seconds of latency by stage, CPU seconds by process.

    `lost` counts the submissions that were accepted and never came out at the other end.
    """

    submissions: int
    rates: Mapping[str, float]
    stages: Mapping[str, Sequence[float]]
    cpu: Mapping[str, float]
    lost: int = 0

    def cpu_ms(self) -> dict[str, float]:
        """Return the CPU milliseconds of each process for each submission, and all of them together."""
        each = {name: seconds / self.submissions * 1000 for name, seconds in self.cpu.items()}
        return {**each, "all": sum(ms for name, ms in each.items() if name != OFFICERS)}

    def latencies_ms(self) -> dict[str, tuple[float, ...]]:
        """Return the percentiles of each stage in milliseconds."""
        return {
            stage: tuple(_percentile(seconds, share) for share in PERCENTILES) for stage, seconds in self.stages.items()
        }


def _percentile(seconds: Sequence[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


def service_cpu_ms(run: Run) -> float:
    """Return the CPU milliseconds of the services for each submission, without the processes that send and decide."""
    return run.cpu_ms()["all"] - run.cpu_ms()[GENERATOR]
