"""`pipeline sign-in` and `pipeline sign-out`: who gives the commands on this computer."""

import typer

from pipeline_admin.commands.fail import fail
from pipeline_admin.commands.installed import identity_of, installation_of
from pipeline_admin.operator.device import DeviceCode, DeviceProvider
from pipeline_admin.operator.proving import end_sign_in, keep_sign_in
from pipeline_admin.operator.refusal import OperatorError
from pipeline_shared.access.people import Person
from pipeline_shared.access.permissions import allowed_actions


def sign_in(context: typer.Context) -> None:
    """Sign in with the identity provider: approve the printed code in a browser, on any computer."""
    settings = identity_of(installation_of(context))
    try:
        provider = DeviceProvider.find(settings)
        code = provider.start()
        show_code(code)
        person = keep_sign_in(provider, code)
    except OperatorError as error:
        fail(str(error))
    print_person(person)


def print_person(person: Person) -> None:
    """Print the name, the roles and the permissions of a person who has signed in."""
    typer.echo(f"signed in as {person.name} ({person.role_names or 'no role'})")
    for action in allowed_actions(person.roles):
        typer.echo(f"  may {action}")


def show_code(code: DeviceCode) -> None:
    """Print where the person approves the code."""
    typer.echo(f"open {code.verification_uri_complete or code.verification_uri}")
    typer.echo(f"code: {code.user_code}")


def sign_out(context: typer.Context) -> None:
    """End the sign-in on this computer, and at the provider if it offers that."""
    settings = identity_of(installation_of(context))
    try:
        ended = end_sign_in(settings)
    except OperatorError as error:
        fail(str(error))
    typer.echo("signed out" if ended else "signed out on this computer; end the session at the provider, too")
