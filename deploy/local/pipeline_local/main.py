"""The `pipeline` command: one name for everything a developer or an operator of the local stack does."""

import typer

from pipeline_local.commands import lifecycle, looking, operating

app = typer.Typer(help="Run, feed and watch the Partnership Intelligence Pipeline.", no_args_is_help=True)
app.command()(lifecycle.up)
app.command()(lifecycle.down)
app.command()(operating.provision)
app.command()(looking.where)
app.command()(looking.topology)

if __name__ == "__main__":
    app()
