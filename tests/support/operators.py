"""Operators in tests: made-up people who sign in through the stack's provider, and commands that they give."""

from pathlib import Path

from typer.testing import CliRunner

from pipeline_admin.main import app
from pipeline_local.commands.signing_in import sign_in_as
from pipeline_local.stack import LocalStack
from pipeline_shared.audit.entries import Operator
from pipeline_shared.messaging.operators import Request
from tests.support.people import id_of

SAM = Operator("operator:sam")  # for functions below the commands: they check no sign-in
FROM_SAM = Request(SAM, "the broker works again")


def sign_in(stack: LocalStack, person: str) -> str:
    """Sign a made-up person in as the operator of a stack; return their name in the audit."""
    settings = stack.installation().identity
    assert settings
    sign_in_as(settings, person)
    return f"operator:{id_of(stack, person)}"


def give(stack: LocalStack, *arguments: str, **environment: str) -> tuple[int, str]:
    """Give an operator's command on a stack; return its status and what it printed."""
    at = {"ADMIN_FILE": str(stack.home.installation_file), **environment}
    done = CliRunner().invoke(app, arguments, env=at)
    return done.exit_code, done.stdout or done.stderr


def sign_in_file(stack: LocalStack) -> Path:
    """Return the file that keeps the operator's sign-in."""
    settings = stack.installation().identity
    assert settings
    return settings.session_file
