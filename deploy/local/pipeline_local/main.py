"""The `pipeline` command: one name for everything a developer or an operator of the local stack does."""

import typer

from pipeline_admin.commands import admin, agencies, inspect
from pipeline_local.commands import feeding, lifecycle
from pipeline_local.demo import demo

app = typer.Typer(
    help="Run, feed and watch the Partnership Intelligence Pipeline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they could hold passwords
)
app.command()(lifecycle.up)
app.command()(lifecycle.down)
app.command()(demo)
app.command()(feeding.feed)
app.command()(inspect.status)
app.command()(inspect.where)
app.command()(inspect.topology)
app.command()(admin.provision)
app.command()(admin.resend)
app.add_typer(admin.parked, name="parked")
app.add_typer(agencies.agency, name="agency")

if __name__ == "__main__":
    app()
