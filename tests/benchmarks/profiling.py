"""Profiling: py-spy samples each service while it works; the result is the functions that used most of the time."""

import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path

SAMPLES_A_SECOND = "200"
SHOWN = 40
ALWAYS = 0.9  # the interpreter and the event loop are on every stack
LINE = re.compile(r":\d+\)$")
FOLDERS = re.compile(r"\(/?(?:[^/]+/)*(?=[^/]+/[^/]+\)$)")


@contextmanager
def profiled(pids: Mapping[str, int], folder: Path) -> Generator[dict[str, Path]]:
    """Sample processes while the block runs; yield the files for their stacks. Needs py-spy."""
    spy = shutil.which("py-spy")
    if spy is None:
        raise FileNotFoundError("py-spy")
    files = {name: folder / f"profile-{name}.txt" for name in pids}
    watchers = [_watch(spy, pids[name], file) for name, file in files.items()]
    try:
        yield files
    finally:
        for watcher in watchers:
            watcher.send_signal(signal.SIGINT)  # the only signal at which py-spy writes its samples
        for watcher in watchers:
            watcher.wait(30)


def _watch(spy: str, pid: int, file: Path) -> "subprocess.Popen[bytes]":
    options = ("--rate", SAMPLES_A_SECOND, "--format", "raw", "--nonblocking", "--output", str(file))
    return subprocess.Popen(
        (spy, "record", "--pid", str(pid), *options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def busiest(stacks: Iterable[str]) -> list[tuple[str, float, float]]:
    """Return the functions on most stacks: their share of all samples, with and without the functions they call."""
    inclusive: Counter[str] = Counter()
    own: Counter[str] = Counter()
    for line in stacks:
        stack, _, samples = line.rpartition(" ")
        functions = [_named(frame) for frame in stack.split(";")]
        own[functions[-1]] += int(samples)
        for function in set(functions):
            inclusive[function] += int(samples)
    total = own.total()
    shares = [(function, count / total, own[function] / total) for function, count in inclusive.most_common()]
    return [row for row in shares if row[1] < ALWAYS][:SHOWN]


def _named(frame: str) -> str:
    """Return a frame without its line number, and its file without the folders above the package."""
    return FOLDERS.sub("(", LINE.sub(")", frame))
