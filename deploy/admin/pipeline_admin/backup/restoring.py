"""Restores all databases from a backup, and makes the services read their topics again from the beginning.

Nothing is touched before the whole backup was read and found whole, ours, and opened by its key.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from pipeline_admin.backup.manifest import Manifest, read_manifest
from pipeline_admin.backup.postgres_programs import PostgresPrograms
from pipeline_admin.backup.refusal import BackupError
from pipeline_admin.backup.sealed_parts import PartKey, open_part
from pipeline_admin.backup.taking import SUFFIX
from pipeline_admin.databases import administering
from pipeline_settings.processes import DATABASE_OF
from pipeline_shared.audit.entries import Operator
from pipeline_shared.messaging.topics import TOPOLOGY, group_of
from transfer_service.operators import doubt_all

RESTORED = "database_restored"
GONE = {KafkaError.GROUP_ID_NOT_FOUND}
DELETE_SECONDS = 30

DsnOf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Restore:
    """A restore with an administrator's access to databases and broker. `provision` makes roles, topics and rights."""

    dsn_of: DsnOf
    admin: AdminClient
    provision: Callable[[], object]
    programs: PostgresPrograms

    def checked(self, folder: Path, key: bytes, trust_root: str) -> Manifest:
        """Return the list of a backup after reading all of it; raise BackupError."""
        manifest = read_manifest(folder)
        manifest.require_whole(folder)
        manifest.require_ours(key, trust_root)
        if set(manifest.parts) != {f"{database}{SUFFIX}" for database in DATABASE_OF.values()}:
            raise BackupError("backup_unreadable")
        for database in DATABASE_OF.values():
            for _ in open_part(folder / f"{database}{SUFFIX}", PartKey(key, database)):
                pass
        return manifest

    async def run(self, folder: Path, manifest: Manifest, key: bytes, operator: Operator) -> None:
        """Replace all databases by those of a checked backup; raise BackupError."""
        self.forget_positions()
        self.provision()  # a new server has no roles yet
        for database in DATABASE_OF.values():
            await self._empty(database)
            part = folder / f"{database}{SUFFIX}"
            self.programs.restore(self.dsn_of(database), open_part(part, PartKey(key, database)))
        self.provision()  # the rights on the databases themselves are in no dump
        for service, database in DATABASE_OF.items():
            async with administering(self.dsn_of(database), operator) as work:
                if service == "transfer":
                    await doubt_all(work.connection)
                reason = f"taken {manifest.taken_at.isoformat(timespec='minutes')}"
                work.audit(RESTORED, actor=operator.actor, subject=str(manifest.backup_id), reason=reason)

    def forget_positions(self) -> None:
        """Make every group of consumers read its topics from the beginning; raise BackupError if one is at work."""
        groups = sorted({group_of(topic, reader) for topic in TOPOLOGY for reader in topic.readers})
        waiting: dict[str, Future[None]] = self.admin.delete_consumer_groups(groups, request_timeout=DELETE_SECONDS)
        for group, done in waiting.items():
            try:
                done.result()
            except KafkaException as error:
                if error.args[0].code() not in GONE:
                    raise BackupError("services_running", group) from None

    async def _empty(self, database: str) -> None:
        connection = await asyncpg.connect(self.dsn_of("postgres"))
        try:
            owner = next(f"{service}_owner" for service, name in DATABASE_OF.items() if name == database)
            await connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            await connection.execute(f"CREATE DATABASE {database} OWNER {owner}")
        finally:
            await connection.close()
