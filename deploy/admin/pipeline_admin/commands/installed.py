"""Finds the installation that a command works on, and proves who gives the command."""

import os
import time
from collections.abc import Callable
from typing import TypeVar, cast

import typer
from pydantic import ValidationError

from pipeline_admin.commands.fail import fail
from pipeline_admin.commands.printing import plain
from pipeline_admin.installation import FILE, Installation, NoCredentialsError
from pipeline_admin.operator.proving import prove_person
from pipeline_admin.operator.refusal import OperatorError
from pipeline_admin.operator.settings import IdentitySettings
from pipeline_shared.access.permissions import PERMISSIONS, Action
from pipeline_shared.audit.entries import Operator
from pipeline_shared.language.visible import has_visible

T = TypeVar("T")

Find = Callable[[], Installation]


def installation_of(context: typer.Context) -> Installation:
    """Return the installation of the command line: the one in the environment, or the local stack."""
    return cast("Find | None", context.obj or from_environment)()  # pyright: ignore[reportOptionalCall]


def identity_of(installation: Installation) -> IdentitySettings:
    """Return the identity provider of an installation; end the command if it names none."""
    return installation.identity or fail(str(OperatorError("no_provider")))


def operator_of(installation: Installation, action: Action, reason: str | None = None) -> Operator:
    """Return the person who gives the command, proven now; end the command unless they may do this."""
    settings = identity_of(installation)
    if PERMISSIONS[action].needs_reason and not has_visible(reason or ""):
        fail(str(OperatorError("no_reason")))
    try:
        proven = prove_person(settings)
        operator = proven.operator_for(action, time.time())
    except OperatorError as error:
        fail(str(error))
    typer.echo(f"as {plain(proven.person.name)}", err=True)  # so that nobody goes on with another person's sign-in
    return operator


def given(read: Callable[[], T]) -> T:
    """Return a credential; end the command if the operator has not been given it."""
    try:
        return read()
    except NoCredentialsError as error:
        fail("missing: " + ", for ".join(error.args))


def is_in_environment() -> bool:
    """Tell whether the environment names an installation."""
    return FILE in os.environ or "ADMIN_DATABASES" in os.environ


def from_environment() -> Installation:
    """Return the installation in ADMIN_… variables and ADMIN_FILE; end the command when a value is missing or wrong."""
    try:
        return Installation()  # pyright: ignore[reportCallIssue] - filled from the environment
    except ValidationError as error:
        fields = {f"ADMIN_{problem['loc'][0]}".upper() for problem in error.errors() if problem["loc"]}
        fail(f"missing or wrong: {', '.join(sorted(fields))} ({FILE} may name a file that holds them)")
