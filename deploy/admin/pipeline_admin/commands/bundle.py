"""`pipeline keys bundle`: sign the bundle of public keys on the offline computer, and check it on a host."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline_admin.ceremony.account import this_account
from pipeline_admin.ceremony.domain import Terms, fingerprint
from pipeline_admin.ceremony.in_use import audit_bundle, newest_used
from pipeline_admin.ceremony.key_folder import KeyFolder
from pipeline_admin.ceremony.log import write_act
from pipeline_admin.ceremony.refusal import CeremonyError
from pipeline_admin.ceremony.signing import (
    LONG_AGO,
    SIGNED,
    propose,
    require_new,
    require_not_older,
    verified,
    verified_content,
    write_signed,
)
from pipeline_admin.commands.fail import fail
from pipeline_admin.commands.installed import from_environment, is_in_environment, operator_of
from pipeline_shared.access.permissions import Action
from pipeline_shared.crypto.keys import KeyBundle

bundle = typer.Typer(help="The signed bundle of public keys.", no_args_is_help=True)
DAYS = 400
Requests = Annotated[list[Path] | None, typer.Argument(help="Requests from `pipeline keys init` or `rotate`.")]


@bundle.command()
def sign(
    requests: Requests = None,
    *,
    folder: Annotated[Path, typer.Option(help="The folder of the offline keys.")],
    out: Annotated[Path, typer.Option(help="The new file for the bundle.")],
    previous: Annotated[Path | None, typer.Option(help="The bundle in use; without it, this is the first.")] = None,
    days: Annotated[int, typer.Option(help="How long it is valid.")] = DAYS,
    compromised: Annotated[list[str] | None, typer.Option(help="A key that must count no more at once.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="The fingerprints were compared: do not ask.")] = False,
) -> None:
    """Sign the next bundle. Run it on the offline computer, with two people who compare the fingerprints."""
    place, terms = KeyFolder(folder), Terms(datetime.now(UTC).date(), days, compromised or ())
    try:
        require_new(out)
        proposed = propose(place, previous, requests or [], terms)
        _show(proposed)
        if not yes:
            typer.confirm("Are these the fingerprints that the makers of the keys read out?", abort=True)
        write_signed(place, proposed, out)
        digest = write_act(place.path, this_account(), SIGNED, subject=str(proposed.version), reason=_kids(proposed))
    except CeremonyError as error:
        fail(str(error))
    typer.echo(f"signed version {proposed.version}: carry {out} to the hosts")
    typer.echo(f"last hash of ceremony.log: {digest}")


@bundle.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The bundle.")],
    *,
    trust_root: Annotated[str, typer.Option(help="The public trust root, as the services' settings have it.")],
    install: Annotated[Path | None, typer.Option(help="Put it there, in the place of an older one.")] = None,
) -> None:
    """Check a bundle on a host: its signature, its end, and that no newer one was used. With --install, use it."""
    now = datetime.now(UTC)
    try:
        content = file.read_bytes()  # read once, so that the checked bytes are installed
        checked = verified_content(content, file.name, trust_root, now)
        _show(checked)
        if install and install.exists():
            require_not_older(checked, verified(install, trust_root, LONG_AGO).version)
        if install:
            KeyFolder(install.parent).require_no_offline_key()
        if is_in_environment():
            installation = from_environment()
            operator = operator_of(installation, Action.CHANGE_KEYS)
            require_not_older(checked, asyncio.run(newest_used(installation)))
            asyncio.run(audit_bundle(installation, checked, operator, installed=install is not None))
    except OSError:
        fail(f"{file}: cannot be read")
    except CeremonyError as error:
        fail(str(error))
    if install:
        _put(content, install)
    typer.echo(f"version {checked.version} is signed and in force" + (f"; installed as {install}" if install else ""))


def _show(shown: KeyBundle) -> None:
    typer.echo(f"version {shown.version}, valid until {shown.valid_until:%Y-%m-%d}")
    for key in shown.keys:
        made_on = key.made_on or "-"
        typer.echo(f"  {key.role:<14} {key.kid:<18} made {made_on}  {fingerprint(key.public_key)}")


def _kids(signed: KeyBundle) -> str:
    return " ".join(key.kid for key in signed.keys)


def _put(content: bytes, target: Path) -> None:
    draft = target.with_name(target.name + ".new")
    draft.write_bytes(content)
    draft.chmod(0o644)
    draft.replace(target)
