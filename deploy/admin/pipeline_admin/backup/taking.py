"""Takes a backup of all databases while the services run: each is consistent in itself.

They need no common moment. After a restore every service reads its topics again from their beginning, and its inbox
drops what the backup already holds.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from pipeline_admin.backup.manifest import FILE, Manifest, installation_of_root, seal_key
from pipeline_admin.backup.postgres_programs import PostgresPrograms
from pipeline_admin.backup.refusal import BackupError
from pipeline_admin.backup.sealed_parts import PartKey, hash_of, seal_part
from pipeline_shared.crypto.keys import KeyBundle

KEY_BYTES = 32
ROLE = "backup"
SUFFIX = ".part"


@dataclass(frozen=True, slots=True)
class BackupTaker:
    """Takes backups of the databases in `urls`, by their names, sealed to the offline key in a bundle."""

    urls: Mapping[str, str]
    bundle: KeyBundle
    trust_root: str
    programs: PostgresPrograms

    def take(self, folder: Path) -> Manifest:
        """Write a backup into a new folder; raise BackupError. Without its list it is not whole, and is refused."""
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            raise BackupError("backup_exists", folder.name) from None
        key, backup_id = os.urandom(KEY_BYTES), uuid4()
        taken_at = datetime.now(UTC)
        for database, url in self.urls.items():
            with self.programs.dumping(url) as dump:
                seal_part(dump, folder / f"{database}{SUFFIX}", PartKey(key, database))
        manifest = Manifest(
            backup_id=backup_id,
            taken_at=taken_at,
            installation=installation_of_root(self.trust_root),
            sealed_key=seal_key(key, backup_id, self.bundle.recipients(ROLE)),
            parts={f"{database}{SUFFIX}": hash_of(folder / f"{database}{SUFFIX}") for database in self.urls},
        ).signed(key)
        (folder / FILE).write_text(manifest.model_dump_json(indent=2), encoding="ascii")
        return manifest
