"""A transfer service without its process, and the police simulator on a port of its own."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import uvicorn
from starlette.applications import Starlette

from pipeline_shared.language.events import CaseDecided, RuleTrace
from pipeline_shared.language.vocabulary import AgencyCategory, Priority
from pipeline_shared.runtime.metrics import create_metrics
from pipeline_shared.runtime.tls import TlsFiles, server_tls
from pipeline_shared.runtime.work import begin
from pipeline_simulators.police.app import PoliceRecords
from pipeline_simulators.police.ledger import Ledger, Stored
from pipeline_simulators.police.settings import Fault, FaultMode
from tests.support.building import NOW, sanitised_content
from tests.support.database import database_of
from tests.support.waiting import wait_for
from transfer_service.sender import Sender
from transfer_service.settings import Settings
from transfer_service.usecases import accept_decisions

TOKEN = "token"
OFFICER = "person:6a1b7a52-7d0e-4a5d-9a55-0c5a3d4a1f10"


def a_decision() -> CaseDecided:
    """Return a decision to record, of a case of its own."""
    return CaseDecided(
        event_id=uuid4(),
        occurred_at=datetime.now(UTC),
        case_id=uuid4(),
        record_ref=uuid4(),
        content=sanitised_content(),
        agency_category=AgencyCategory.HOUSING,
        received_on=NOW.date(),
        priority=Priority.HIGH,
        reason="Necessary to prevent crime",
        decided_by=OFFICER,
        rules=RuleTrace(table_version="1", table_hash="0" * 64, fired="DRUGS-SUPPLY"),
    )


class Police:
    """The simulator, served by the test process so that a test can stop it."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        """Serve in clear text unless there is the file of a certificate."""
        self.certificate = certificate
        self.client_authorities: Path | None = None
        self.clear_text = certificate is None
        self.ledger = Ledger(folder)
        self.records = PoliceRecords(self.ledger, TOKEN, Fault())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._serving: asyncio.Task[None] | None = None
        self._server: uvicorn.Server | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    def show(self, certificate: bytes) -> None:
        """Replace the certificate; a server that runs shows it to the next client."""
        assert self.certificate
        self.certificate.write_bytes(certificate)

    async def open(self) -> None:
        app = Starlette(routes=self.records.routes())
        config = uvicorn.Config(app, port=self.port, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        config.load()
        if self.certificate and not self.clear_text:
            config.ssl = server_tls(TlsFiles(self.client_authorities, self.certificate))
        self._server = server = uvicorn.Server(config)
        self._serving = asyncio.create_task(server.serve())

        async def started() -> bool:
            return server.started

        await wait_for(started, "the police system")

    async def close(self) -> None:
        if self._server and self._serving:
            self._server.should_exit = True
            await self._serving

    def misbehave(self, mode: FaultMode, seconds: float = 0.0, key: str = "") -> None:
        self.records.fault = Fault(mode=mode, seconds=seconds, key=key)

    def held(self, decision: CaseDecided) -> Stored | None:
        return self.ledger.find(str(decision.record_ref))


@dataclass
class Transfers:
    """A transfer service without its process: the pool, the settings, and a sender to run."""

    dsn: str
    pool: asyncpg.Pool
    settings: Settings
    police: Police

    def __post_init__(self) -> None:
        self.sender = Sender(self.settings, database_of(self.pool), create_metrics())

    def patient(self) -> "Transfers":
        """Return the same with a long timeout, so that a slow machine causes no second try."""
        return replace(
            self, settings=self.settings.model_copy(update={"police_timeout_seconds": 20, "lease_seconds": 90})
        )

    def with_settings(self, **changes: object) -> "Transfers":
        """Return the same with other settings."""
        return replace(self, settings=self.settings.model_copy(update=changes))

    async def accept(self, *decisions: CaseDecided) -> None:
        async with begin(database_of(self.pool)) as work:
            await accept_decisions(work, decisions)
        self.sender.wake()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.sender.run(stop))
        yield
        stop.set()
        await task

    async def row(self, decision: CaseDecided) -> asyncpg.Record:
        row = await self.pool.fetchrow("SELECT * FROM transfer WHERE record_ref = $1", decision.record_ref)
        assert row
        return row

    async def until(self, state: str, *decisions: CaseDecided) -> None:
        refs = [decision.record_ref for decision in decisions]

        async def all_are() -> bool:
            sql = "SELECT count(*) FROM transfer WHERE record_ref = ANY($1::uuid[]) AND state = $2"
            return await self.pool.fetchval(sql, refs, state) == len(refs)

        await wait_for(all_are, f"transfers to be {state}")

    async def events(self, decision: CaseDecided) -> int:
        return await self.pool.fetchval("SELECT count(*) FROM outbox WHERE key = $1", decision.case_id) or 0

    async def audited(self, decision: CaseDecided) -> list[tuple[str, str]]:
        sql = "SELECT action, reason FROM audit WHERE subject = $1 ORDER BY id"
        return [(row["action"], row["reason"]) for row in await self.pool.fetch(sql, str(decision.record_ref))]
