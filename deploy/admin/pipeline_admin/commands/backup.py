"""`pipeline backup`: take, check, unlock and restore backups of all databases (docs/backup.md)."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from pipeline_admin.backup.gap import count_forgotten
from pipeline_admin.backup.manifest import read_manifest
from pipeline_admin.backup.postgres_programs import PostgresPrograms
from pipeline_admin.backup.refusal import BackupError
from pipeline_admin.backup.restoring import Restore
from pipeline_admin.backup.taking import BackupTaker
from pipeline_admin.ceremony.account import this_account
from pipeline_admin.ceremony.key_folder import KeyFolder, row_of
from pipeline_admin.ceremony.log import write_act
from pipeline_admin.ceremony.refusal import CeremonyError
from pipeline_admin.ceremony.signing import verified
from pipeline_admin.commands.fail import fail
from pipeline_admin.commands.installed import installation_of, operator_of
from pipeline_admin.commands.provisioning import administrator_of, provision_settings
from pipeline_admin.databases import administering
from pipeline_admin.installation import NoCredentialsError
from pipeline_admin.provision import provision_from
from pipeline_settings.processes import DATABASE_OF
from pipeline_shared.access.permissions import Action
from pipeline_shared.audit.entries import Operator
from pipeline_shared.crypto.keys import load_private
from pipeline_shared.crypto.providers import FileKeys, KeyProviderError, write_key_file
from pipeline_shared.language.encoding import encode_base64
from pipeline_shared.runtime.no_dumps import forbid_core_dumps

TAKEN = "backup_taken"
UNATTENDED = Operator("service:backup")  # a timer starts it every night, when nobody can sign in
Folder = Annotated[Path, typer.Argument(help="The folder of the backup.")]
TrustRoot = Annotated[str, typer.Option("--trust-root", help="The public trust root, as in the services' settings.")]
Programs = Annotated[Path | None, typer.Option("--programs", help="The folder of pg_dump and pg_restore.")]
Socket = Annotated[Path | None, typer.Option("--socket", help="The folder of PostgreSQL's socket.")]

backup = typer.Typer(help="Backups of all databases: see docs/backup.md.", no_args_is_help=True)


@backup.callback()
def _in_memory_only() -> None:
    """Leave no core dump of a process that holds keys and clear text."""
    forbid_core_dumps()


@backup.command()
def take(
    folder: Folder,
    *,
    bundle: Annotated[Path, typer.Option(help="The bundle of public keys in use.")],
    trust_root: TrustRoot,
    programs: Programs = None,
    socket: Socket = None,
) -> None:
    """Take a backup into a new folder while the services run, sealed to the offline key. PROVISION_… says where."""
    settings = provision_settings()
    with refused():
        urls = {database: settings.dsn_of(database) for database in DATABASE_OF.values()}
        keys = verified(bundle, trust_root, datetime.now(UTC))
        taken = BackupTaker(urls, keys, trust_root, PostgresPrograms(programs, socket)).take(folder)
    asyncio.run(_audit(urls, str(taken.backup_id)))
    typer.echo(f"backup {taken.backup_id} of {', '.join(urls)} in {folder}: copy it to another place")


@backup.command()
def check(folder: Folder) -> None:
    """Check that all parts of a backup are whole; no key is needed."""
    with refused():
        manifest = read_manifest(folder)
        manifest.require_whole(folder)
    typer.echo(f"backup {manifest.backup_id}, taken {manifest.taken_at:%Y-%m-%d %H:%M %Z}: {len(manifest.parts)} parts")


@backup.command()
def unlock(
    folder: Annotated[Path, typer.Argument(help="A folder with the backup's manifest.json.")],
    *,
    keys: Annotated[Path, typer.Option(help="The folder of the offline keys.")],
    out: Annotated[Path, typer.Option(help="The new file for the backup's key.")],
) -> None:
    """Open the key of one backup with the offline backup key. Run it on the offline computer."""
    place, row = KeyFolder(keys), row_of("backup")
    with refused():
        place.require_closed()
        place.require_offline()
        manifest = read_manifest(folder)
        key = manifest.unlock({kid: load_private(place.lend(kid)) for kid in place.kids(row)})
        write_act(place.path, this_account(), "backup_unlocked", subject=str(manifest.backup_id))
        write_key_file(out, encode_base64(key))
    typer.echo(f"carry {out} to the host, and destroy it after the restore")


@backup.command()
def restore(
    folder: Folder,
    *,
    key: Annotated[Path, typer.Option(help="The file that `backup unlock` wrote.")],
    trust_root: TrustRoot,
    programs: Programs = None,
    socket: Socket = None,
    yes: Annotated[bool, typer.Option("--yes", help="Restore without asking first.")] = False,
) -> None:
    """Replace all databases by those of a backup. Stop all services first. PROVISION_… settings name the servers."""
    settings = provision_settings()
    operator = administrator_of(settings, Action.RESTORE)
    tools = PostgresPrograms(programs, socket)
    work = Restore(settings.dsn_of, settings.admin(), partial(provision_from, settings, operator), tools)
    with refused():
        opened = FileKeys([key]).lend(key.stem)
        manifest = work.checked(folder, opened, trust_root)
        if not yes:
            typer.confirm(f"Replace all databases by those of {manifest.taken_at:%Y-%m-%d %H:%M %Z}?", abort=True)
        asyncio.run(work.run(folder, manifest, opened, operator))
    typer.echo(f"restored backup {manifest.backup_id}: go on with “After a restore” in docs/backup.md")


@backup.command()
def gap(context: typer.Context) -> None:
    """Count the submissions that the sanitiser has and intake does not know: a restore loses their receipts."""
    installation = installation_of(context)
    operator_of(installation, Action.SEE_STATUS)
    with refused():
        intake, sanitiser = installation.database("intake"), installation.database("sanitiser")
        forgotten = asyncio.run(count_forgotten(intake, sanitiser))
    typer.echo(f"{forgotten} submissions are on their way or handled, but their receipts are gone")


@contextmanager
def refused() -> Generator[None]:
    """End the command with the reason when something is refused."""
    try:
        yield
    except (BackupError, CeremonyError) as error:
        fail(str(error))
    except KeyProviderError as error:
        fail(f"refused: {error.code}")
    except NoCredentialsError as error:
        fail("missing: " + ", for ".join(error.args))


async def _audit(urls: dict[str, str], backup_id: str) -> None:
    for url in urls.values():
        async with administering(url, UNATTENDED) as work:
            work.audit(TAKEN, actor=UNATTENDED.actor, subject=backup_id)
