"""`pipeline keys`: make keys and replace them, and carry the log of the ceremony to the audit (docs/keys.md)."""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from pipeline_admin.ceremony.account import this_account
from pipeline_admin.ceremony.carrying import carry_log
from pipeline_admin.ceremony.domain import KeyRequest, fingerprint
from pipeline_admin.ceremony.key_folder import KeyFolder, row_of
from pipeline_admin.ceremony.log import write_act
from pipeline_admin.ceremony.making import KeyMaker, ProviderOf
from pipeline_admin.ceremony.refusal import CeremonyError
from pipeline_admin.ceremony.signing import require_new, write_new
from pipeline_admin.commands.bundle import bundle
from pipeline_admin.commands.escrow import escrow
from pipeline_admin.commands.fail import fail
from pipeline_admin.commands.installed import installation_of, operator_of
from pipeline_settings.key_table import HOLDERS, OFFLINE
from pipeline_shared.access.permissions import Action
from pipeline_shared.crypto.keys import public_root
from pipeline_shared.crypto.providers import FileKeys
from pipeline_shared.crypto.transit import TransitKeys, TransitServer
from pipeline_shared.runtime.no_dumps import forbid_core_dumps

Folder = Annotated[Path, typer.Option("--folder", help="The folder of the private keys, reached by its owner alone.")]
Requests = Annotated[Path, typer.Option("--request", help="The new file for the public halves, to be carried.")]
TransitUrl = Annotated[str | None, typer.Option("--transit-url", help="A Vault or OpenBao that wraps the keys.")]
TokenFile = Annotated[Path | None, typer.Option("--transit-token-file", help="The file of its token.")]
Mount = Annotated[str, typer.Option("--transit-mount", help="Where its transit engine is mounted.")]
CaFile = Annotated[Path | None, typer.Option("--transit-ca-file", help="The authority of its certificate.")]

keys = typer.Typer(help="The key ceremony: see docs/keys.md.", no_args_is_help=True)
keys.add_typer(bundle, name="bundle")
keys.add_typer(escrow, name="escrow")


@keys.callback()
def _in_memory_only() -> None:
    """Leave no core dump of a process that holds private keys."""
    forbid_core_dumps()


@keys.command()
def init(
    holder: Annotated[str, typer.Argument(help=f"Who holds the keys: {', '.join(HOLDERS)}.")],
    *,
    folder: Folder,
    request: Requests,
    transit_url: TransitUrl = None,
    transit_token_file: TokenFile = None,
    transit_mount: Mount = "transit",
    transit_ca_file: CaFile = None,
) -> None:
    """Make the first keys of a holder. `offline` also makes the trust root; run it on the offline computer."""
    place = KeyFolder(folder)
    transit = _transit(transit_url, transit_token_file, transit_mount, transit_ca_file)
    with refused():
        require_new(request)
        made = KeyMaker(place, _provider(transit, holder)).first(holder)
        _hand_over(place, "keys_made", made, request)
        if holder == OFFLINE:
            typer.echo(f"trust root (public): {public_root(place.trust_root())}")


@keys.command()
def rotate(
    role: Annotated[str, typer.Argument(help="The role whose key is replaced.")],
    *,
    folder: Folder,
    request: Requests,
    transit_url: TransitUrl = None,
    transit_token_file: TokenFile = None,
    transit_mount: Mount = "transit",
    transit_ca_file: CaFile = None,
) -> None:
    """Make the next key of a role beside the ones before, which stay for what was sealed to them."""
    place = KeyFolder(folder)
    transit = _transit(transit_url, transit_token_file, transit_mount, transit_ca_file)
    with refused():
        require_new(request)
        row = row_of(role)
        made = KeyMaker(place, _provider(transit, row.holder)).next(row)
        _hand_over(place, "key_replaced", made, request)


@keys.command()
def carry(
    context: typer.Context,
    log: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A ceremony.log from another computer.")],
) -> None:
    """Carry the log of a ceremony to the audit. What is there already is not added again."""
    installation = installation_of(context)
    operator = operator_of(installation, Action.CHANGE_KEYS)
    with refused():
        count, digest = asyncio.run(carry_log(installation, log, operator))
    typer.echo(f"{count} acts carried to the audit; last hash {digest}")


@contextmanager
def refused() -> Generator[None]:
    """End the command with the reason when the ceremony refuses."""
    try:
        yield
    except CeremonyError as error:
        fail(str(error))


@dataclass(frozen=True, slots=True)
class _Transit:
    server: TransitServer

    def __call__(self, files: Sequence[Path]) -> TransitKeys:
        return TransitKeys(files, self.server)


def _transit(url: str | None, token_file: Path | None, mount: str, ca_file: Path | None) -> _Transit | None:
    if (url is None) != (token_file is None):
        fail("--transit-url and --transit-token-file go together")
    return _Transit(TransitServer(url, token_file, mount, ca_file)) if url and token_file else None


def _provider(transit: _Transit | None, holder: str) -> ProviderOf:
    """Return the provider; offline keys are in files, because no server may reach their computer."""
    if transit and holder == OFFLINE:
        fail("offline keys are kept in files: their computer reaches no server")
    return transit or FileKeys


def _hand_over(folder: KeyFolder, action: str, made: KeyRequest, target: Path) -> None:
    """Write the request and the log, and print what people compare."""
    write_new(target, made.model_dump_json(indent=2, exclude_none=True).encode())
    for key in made.keys:
        digest = write_act(folder.path, this_account(), action, subject=key.kid, reason=fingerprint(key.public_key))
        typer.echo(f"made {key.kid:<16} fingerprint {fingerprint(key.public_key)}")
        typer.echo(f"     last hash of ceremony.log: {digest}")
    typer.echo(f"carry {target} to the offline computer")
