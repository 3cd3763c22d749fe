"""`python -m pipeline_admin`."""

from pipeline_admin.main import app

app(prog_name="python -m pipeline_admin")
