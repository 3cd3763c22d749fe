"""`python -m tests.walk`: load on an installation through its balancer, each request once; exit status 1 if one failed.

Agencies submit at a rate, officers read and decide, and the source desk reviews, until the time is over. Nothing is
sent a second time after a failure, so each failed request is counted. SSL_CERT_FILE names the force's authority.
"""

import asyncio
import ssl
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import aiohttp
import typer

from pipeline_simulators.browsing import PageAnswer
from pipeline_simulators.fiction.submissions import made_up_submissions
from pipeline_simulators.people import Played, play
from tests.support.keycloak import KeycloakBrowser

CONNECTIONS = 30
PATIENCE = aiohttp.ClientTimeout(total=30)


@dataclass(slots=True)
class Counted:
    """The answers by kind, and when each failure happened."""

    answers: Counter[str] = field(default_factory=Counter[str])
    failures: list[str] = field(default_factory=list[str])
    slowest: float = 0.0

    def add(self, what: str, outcome: str, began: float, *, failed: bool) -> None:
        """Count one request."""
        self.answers[f"{what} {outcome}"] += 1
        self.slowest = max(self.slowest, time.monotonic() - began)
        if failed:
            self.failures.append(f"{datetime.now(UTC):%H:%M:%S} {what} {outcome}")


class OnceBrowser(KeycloakBrowser):
    """A browser that counts each request, and reads nothing again."""

    def __init__(self, site: str, person: str, tls: ssl.SSLContext | None, *, counted: Counted) -> None:
        super().__init__(site, person, tls)
        self._counted = counted

    async def _request(self, method: str, path: str, data: Mapping[str, str] | None = None) -> PageAnswer:
        began, what = time.monotonic(), f"{self._person} {method}"
        try:
            answer = await super()._request(method, path, data)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._counted.add(what, type(error).__name__, began, failed=True)
            raise
        self._counted.add(what, str(answer.status), began, failed=answer.status >= 500)
        return answer


async def submit(site: str, key: str, rate: float, seconds: float, counted: Counted) -> None:
    """Submit at a rate: a new task for each, so that a slow answer delays no other."""
    contents = list(made_up_submissions(200))
    connector = aiohttp.TCPConnector(limit=CONNECTIONS, ssl=ssl.create_default_context())
    async with (
        aiohttp.ClientSession(site, connector=connector, timeout=PATIENCE) as session,
        asyncio.TaskGroup() as tasks,
    ):
        began = time.monotonic()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            tasks.create_task(_once(session, key, contents[number % len(contents)].form, counted))


async def _once(session: aiohttp.ClientSession, key: str, body: object, counted: Counted) -> None:
    began = time.monotonic()
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": uuid.uuid4().hex}
    try:
        async with session.post("/v1/submissions", json=body, headers=headers) as answer:
            await answer.read()
            counted.add("submit", str(answer.status), began, failed=answer.status != 202)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        counted.add("submit", type(error).__name__, began, failed=True)


async def _all(domain: str, key: str, rate: float, seconds: float) -> tuple[Counted, Played]:
    intake, triage, desk = (f"https://{name}.{domain}" for name in ("submit", "triage", "source-desk"))
    counted, played, stop = Counted(), Played(), asyncio.Event()
    browsers = partial(OnceBrowser, counted=counted)
    people = asyncio.create_task(play(triage, desk, stop=stop, played=played, concurrency=2, open_browser=browsers))
    await submit(intake, key, rate, seconds, counted)
    stop.set()
    await people
    return counted, played


def main(
    key_file: Path,
    *,
    rate: Annotated[float, typer.Option(min=0, max=100)] = 50,
    seconds: Annotated[float, typer.Option(min=1, max=900)] = 60,
    domain: str = "force.example",
) -> None:
    """Put load on an installation, and say how each request ended."""
    counted, played = asyncio.run(_all(domain, key_file.read_text().strip(), rate, seconds))
    typer.echo("\n".join(f"{number:>6} {what}" for what, number in sorted(counted.answers.items())))
    typer.echo(f"{sum(played.decided.values())} decided, {played.released} released, {played.kept} kept held")
    typer.echo(f"slowest answer {counted.slowest:.1f} s")
    typer.echo("\n".join(f"FAILED: {failure}" for failure in counted.failures) or "no request failed")
    raise typer.Exit(bool(counted.failures))


if __name__ == "__main__":
    typer.run(main)
