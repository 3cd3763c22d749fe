"""The `pipeline` command of a developer's machine: commands of the local stack, and the operator's commands on it."""

import typer

from pipeline_admin.main import add_commands, create_app
from pipeline_local.commands import feeding, lifecycle, signing_in, where
from pipeline_local.commands.find_stack import running_installation
from pipeline_local.demo import demo

app = create_app("Run, feed and watch the Partnership Intelligence Pipeline.")


@app.callback()
def work_on_this_stack(context: typer.Context) -> None:
    """Make the operator's commands work on the local stack."""
    context.obj = running_installation


app.command()(lifecycle.up)
app.command()(lifecycle.down)
app.command()(demo)
app.command()(feeding.feed)
app.command()(where.where)
add_commands(app)
app.command()(signing_in.sign_in)  # in the place of the operator's, which has no --as

if __name__ == "__main__":
    app()
