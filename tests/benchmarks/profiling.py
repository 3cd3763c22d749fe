"""Where the time goes: py-spy beside each service while it works, and the functions in which most of it was spent."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path

SAMPLES_A_SECOND = "200"
SHOWN = 22


@contextmanager
def profiled(pids: Mapping[str, int], folder: Path) -> Generator[dict[str, Path]]:
    """Sample processes while the block runs; yield where each one's stacks will be. Needs py-spy."""
    spy = shutil.which("py-spy")
    if spy is None:
        raise FileNotFoundError("py-spy")
    files = {name: folder / f"profile-{name}.txt" for name in pids}
    watchers = [_watch(spy, pids[name], file) for name, file in files.items()]
    try:
        yield files
    finally:
        for watcher in watchers:
            watcher.terminate()
        for watcher in watchers:
            watcher.wait(30)


def _watch(spy: str, pid: int, file: Path) -> "subprocess.Popen[bytes]":
    options = ("--rate", SAMPLES_A_SECOND, "--format", "raw", "--nonblocking", "--output", str(file))
    return subprocess.Popen(
        (spy, "record", "--pid", str(pid), *options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def busiest(stacks: Iterable[str]) -> list[tuple[str, float]]:
    """Return the functions on most stacks, with their share of all samples."""
    inclusive: Counter[str] = Counter()
    total = 0
    for line in stacks:
        stack, _, samples = line.rpartition(" ")
        total += int(samples)
        for function in {frame.rpartition(":")[0] for frame in stack.split(";")}:
            inclusive[function] += int(samples)
    return [(function, count / total) for function, count in inclusive.most_common(SHOWN)]
