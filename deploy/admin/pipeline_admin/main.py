"""The operator's command for any installation: `python -m pipeline_admin`.

On a developer's machine, `pipeline` includes the same commands and finds the local stack by itself.
"""

import typer

from pipeline_admin.commands import agencies, audit, backup, inspect, keys, production, provisioning, repeating, sign_in


def add_commands(app: typer.Typer) -> None:
    """Add the operator's commands to a command line."""
    app.command()(sign_in.sign_in)
    app.command()(sign_in.sign_out)
    app.command()(inspect.status)
    app.command()(inspect.topology)
    app.command()(provisioning.provision)
    app.command()(provisioning.brokers)
    app.command()(repeating.resend)
    app.add_typer(repeating.parked, name="parked")
    app.add_typer(agencies.agency, name="agency")
    app.add_typer(keys.keys, name="keys")
    app.add_typer(backup.backup, name="backup")
    app.add_typer(audit.audit, name="audit")
    app.add_typer(production.production, name="production")


def create_app(help_text: str) -> typer.Typer:
    """Return an empty command line."""
    return typer.Typer(
        help=help_text,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,  # local variables could hold passwords
    )


app = create_app("Operate any installation of the pipeline. ADMIN_… variables say where it is (deploy/README.md).")
add_commands(app)
