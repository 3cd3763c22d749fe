"""The figures as tables for people, and as one JSON object for programs."""

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table

from tests.benchmarks.cpu import GENERATOR
from tests.benchmarks.figures import OFFICERS, Run, service_cpu_ms

LAST_ROWS = (GENERATOR, "all", OFFICERS)


def print_tables(console: Console, *, flat_out: Run, steady: Run, bare: Run, steady_rate: float) -> None:
    """Print throughput, latencies and CPU side by side."""
    console.print(_throughput(flat_out, bare))
    console.print(_latencies(flat_out, steady, steady_rate))
    console.print(_cpu(flat_out, bare))
    console.print(
        f"The bare pipeline lost {bare.lost} of {bare.submissions} that it had answered for; the pipeline none."
    )


def _throughput(flat_out: Run, bare: Run) -> Table:
    table = _table("Throughput, flat out", "", "pipeline /s", "bare /s")
    for name, rate in flat_out.rates.items():
        table.add_row(name, f"{rate:.0f}", f"{bare.rates[name]:.0f}" if name in bare.rates else "")
    return table


def _latencies(flat_out: Run, steady: Run, rate: float) -> Table:
    table = _table(
        "Latency, ms", "stage", f"p50 at {rate:.0f}/s", f"p99 at {rate:.0f}/s", "p50 flat out", "p99 flat out"
    )
    crowded = flat_out.latencies_ms()
    for stage, calm in steady.latencies_ms().items():
        table.add_row(stage, *(f"{ms:.0f}" for ms in (*calm, *crowded[stage])))
    return table


def _cpu(flat_out: Run, bare: Run) -> Table:
    table = _table("CPU for each submission, ms", "process", "pipeline", "bare")
    ours, theirs = flat_out.cpu_ms(), bare.cpu_ms()
    for name in [name for name in ours if name not in LAST_ROWS] + list(LAST_ROWS):
        table.add_row(
            name, f"{ours[name]:.2f}", f"{theirs[name]:.2f}" if name in theirs else "", end_section=name == GENERATOR
        )
    return table


def print_facts(console: Console, title: str, facts: Mapping[str, float]) -> None:
    """Print a few figures with their names."""
    table = _table(title, "figure", "")
    for name, figure in facts.items():
        table.add_row(name.replace("_", " "), f"{figure:g}")
    console.print(table)


def print_profile(console: Console, process: str, functions: Iterable[tuple[str, float, float]]) -> None:
    """Print the functions in which one process spent its time."""
    table = _table(f"{process}: share of samples on a function's stack, and in itself", "function", "%", "itself %")
    for function, share, itself in functions:
        table.add_row(function, f"{share * 100:.1f}", f"{itself * 100:.1f}")
    console.print(table)


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def summary(*, flat_out: Run, steady: Run, bare: Run, steady_rate: float) -> dict[str, object]:
    """Return every figure; the price of safety is the extra cost of the pipeline over the bare one."""
    return {
        "submissions": flat_out.submissions,
        "throughput": _rounded(flat_out.rates),
        "bare_throughput": _rounded(bare.rates),
        "bare_lost": bare.lost,
        "latency_ms": {stage: [round(ms, 1) for ms in both] for stage, both in steady.latencies_ms().items()},
        "latency_at_rate": round(steady_rate),
        "cpu_ms": _rounded(flat_out.cpu_ms()),
        "bare_cpu_ms": _rounded(bare.cpu_ms()),
        "price_of_safety": {
            "cpu": round(flat_out.cpu_ms()["all"] / bare.cpu_ms()["all"], 2),
            "cpu_without_load_generator": round(service_cpu_ms(flat_out) / service_cpu_ms(bare), 2),
            "throughput": round(bare.rates["whole way"] / flat_out.rates["whole way"], 2),
        },
    }


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(figure, 2) for name, figure in figures.items()}
