"""The jars of Kafka and PostgreSQL: downloaded by Maven coordinates through jgo, used only when their SHA-256 is right.

The list is complete: a start resolves no version ranges and no transitive dependencies. (Resolving Kafka and its
logging binding together once gave kafka-clients 3.9.1, and the broker crashed.) Verified files are remembered by path,
size and time, because hashing 45 MB takes longer than all other steps.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline_local.downloads import DownloadError, explained, system_certificates
from pipeline_local.home import write_atomically

if TYPE_CHECKING:
    from jgo.maven import MavenContext

LIST = Path(__file__).with_name("kafka-jars.txt")
POSTGRES_LIST = Path(__file__).with_name("postgres-jars.txt")
DOWNLOADS_AT_ONCE = 6
MIRROR = "MAVEN_MIRROR"  # an environment variable: the base URL of a Maven repository

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Jar:
    """A Maven coordinate (group:artifact:version) and the SHA-256 of its file."""

    coordinate: str
    sha256: str


def list_jars(file: Path | None = None) -> tuple[Jar, ...]:
    """Return the jars in a list: those of the broker, unless another is named."""
    lines = (file or LIST).read_text(encoding="ascii").splitlines()
    return tuple(Jar(*line.split()) for line in lines if line and not line.startswith("#"))


def fetch_jars(checked: Path, progress: Progress, jars: Sequence[Jar] | None = None) -> list[Path]:
    """Return the path of every jar, downloaded if missing and verified. `checked` holds earlier checks.

    Raises DownloadError.
    """
    from jgo.maven import MavenContext  # noqa: PLC0415 - absent in the tools container, which runs no broker

    mirror = os.environ.get(MIRROR, "").rstrip("/")
    context = MavenContext(remote_repos={"mirror": mirror} if mirror else None)
    jars = list_jars() if jars is None else jars
    verifier, paths = _Verifier(checked), list[Path]()
    pool = ThreadPoolExecutor(DOWNLOADS_AT_ONCE)
    try:
        with system_certificates():
            for path in pool.map(lambda jar: _fetch(context, jar, verifier), jars):
                paths.append(path)
                progress(len(paths), len(jars))
    finally:
        pool.shutdown(cancel_futures=True)  # it waits for downloads in progress
        verifier.save()
    return paths


def _fetch(context: "MavenContext", jar: Jar, verifier: "_Verifier") -> Path:
    artifact = context.create_dependency(jar.coordinate).artifact
    (where,) = context.remote_repos.values()
    for _ in range(2):
        with explained(jar.coordinate, where):
            path = artifact.resolve()
        if verifier.is_right(path, jar):
            return path
        path.unlink()  # an earlier, interrupted start may have left half a download
    raise DownloadError(jar.coordinate, where, "it has another than the one that this repository names")


class _Verifier:
    """Hashes files, and remembers the files that it has hashed."""

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        try:
            self._known: dict[str, str] = json.loads(memory.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            self._known = {}

    def is_right(self, path: Path, jar: Jar) -> bool:
        facts = path.stat()
        key = f"{path}:{facts.st_size}:{facts.st_mtime_ns}"
        if self._known.get(key) != jar.sha256:
            self._known[key] = hashlib.sha256(path.read_bytes()).hexdigest()
        return self._known[key] == jar.sha256

    def save(self) -> None:
        write_atomically(self._memory, json.dumps(self._known).encode())


def _current_list() -> Iterator[Jar]:
    """Resolve the dependencies of Kafka again, for a new version of `kafka-jars.txt`."""
    import jgo  # noqa: PLC0415 - only here, and it costs 0.3 s

    kafka = jgo.resolve("org.apache.kafka:kafka_2.13:4.3.1")
    logging = jgo.resolve("org.apache.logging.log4j:log4j-slf4j-impl:2.25.4")[:1]  # resolved by itself: see above
    for artifact in kafka + logging:
        digest = hashlib.sha256(artifact.resolve().read_bytes()).hexdigest()
        yield Jar(f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}", digest)


def _write_list() -> None:
    head = [line for line in LIST.read_text(encoding="ascii").splitlines() if line.startswith("#")]
    body = sorted(f"{jar.coordinate} {jar.sha256}" for jar in _current_list())
    LIST.write_text("\n".join([*head, *body]) + "\n", encoding="ascii")


if __name__ == "__main__":
    _write_list()
