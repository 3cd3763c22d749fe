"""Restores all databases from a backup, and makes the services read their topics again from the beginning.

Nothing is touched before the whole backup was read and found whole, ours, and opened by its key.
"""

import time
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
DONE = {None, KafkaError.GROUP_ID_NOT_FOUND}
PAUSE_SECONDS = 0.5
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
        """Make every group of consumers read its topics from the beginning.

        Raises BackupError if one is at work, or if the broker does not know the groups in time.
        """
        groups = sorted({group_of(topic, reader) for topic in TOPOLOGY for reader in topic.readers})
        until = time.monotonic() + DELETE_SECONDS
        while groups := self._still_known(groups):
            if time.monotonic() > until:
                raise BackupError("broker_not_ready", groups[0])
            time.sleep(PAUSE_SECONDS)  # a broker that has just started looks for its groups first

    def _still_known(self, groups: list[str]) -> list[str]:
        """Delete groups; return those that the broker could not look up yet. Raises BackupError."""
        asked: dict[str, Future[None]] = self.admin.delete_consumer_groups(groups, request_timeout=DELETE_SECONDS)
        codes = {group: _code(done) for group, done in asked.items()}
        for group, code in codes.items():
            if code == KafkaError.NON_EMPTY_GROUP:
                raise BackupError("services_running", group)
        return [group for group, code in codes.items() if code not in DONE]

    async def _empty(self, database: str) -> None:
        connection = await asyncpg.connect(self.dsn_of("postgres"))
        try:
            owner = next(f"{service}_owner" for service, name in DATABASE_OF.items() if name == database)
            await connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            await connection.execute(f"CREATE DATABASE {database} OWNER {owner}")
        finally:
            await connection.close()


def _code(done: "Future[None]") -> int | None:
    """Return the error of an answer of the broker, or None."""
    try:
        done.result()
    except KafkaException as error:
        return error.args[0].code()
    return None
