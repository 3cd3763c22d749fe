"""`pipeline sign-in` on a local stack: with --as, a made-up person approves the code without a browser."""

from typing import Annotated

import httpx2
import typer

from pipeline_admin.commands.fail import fail
from pipeline_admin.commands.sign_in import print_person
from pipeline_admin.commands.sign_in import sign_in as sign_in_by_browser
from pipeline_admin.operator.device import DeviceCode, DeviceProvider
from pipeline_admin.operator.proving import keep_sign_in
from pipeline_admin.operator.refusal import OperatorError
from pipeline_admin.operator.settings import IdentitySettings
from pipeline_local.commands.find_stack import running_installation
from pipeline_shared.access.people import Person
from pipeline_simulators.provider.people import ACCOUNTS


def sign_in(
    context: typer.Context,
    *,
    as_: Annotated[str | None, typer.Option("--as", help="A made-up person, such as agencies-1.")] = None,
) -> None:
    """Sign in with the identity provider: approve the printed code in a browser, or play a made-up person (--as)."""
    if as_ is None:
        sign_in_by_browser(context)
        return
    if as_ not in {account.subject for account in ACCOUNTS}:
        fail("the made-up people are " + ", ".join(account.subject for account in ACCOUNTS))
    settings = running_installation().identity
    assert settings  # noqa: S101 - every local stack names its provider
    try:
        print_person(sign_in_as(settings, as_))
    except OperatorError as error:
        fail(str(error))


def sign_in_as(settings: IdentitySettings, person: str) -> Person:
    """Sign in as a made-up person, by the page that they would use; raise OperatorError."""
    provider = DeviceProvider.find(settings)
    code = provider.start()
    approve(settings, code, person)
    return keep_sign_in(provider, code)


def approve(settings: IdentitySettings, code: DeviceCode, person: str) -> None:
    """Approve a code as a made-up person; raise OperatorError."""
    address = f"{(settings.address or settings.issuer).rstrip('/')}/device"
    form = {"person": person, "user_code": code.user_code}
    try:
        httpx2.post(address, data=form, verify=settings.tls()).raise_for_status()
    except httpx2.HTTPError:
        raise OperatorError("provider_away") from None
