"""Makes this repository's packages importable in the current environment, and installs the `pipeline` command.

It writes a path file, because an editable install would download a build backend that no file pins. The Makefile runs
this file by its path, before any package here can be imported.
"""

import stat
import sys
import sysconfig
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
PACKAGES = (
    "shared",
    *(f"services/{name}" for name in ("intake", "sanitiser", "triage", "transfer")),
    *(f"deploy/{name}" for name in ("settings", "local", "admin", "simulators", "training", "encoder")),
)

COMMAND = """\
#!{python}
from pipeline_local.main import app

app()
"""


def main() -> None:
    """Write the path file and the command."""
    lines = [str(REPOSITORY / package) for package in PACKAGES]
    Path(sysconfig.get_path("purelib"), "pipeline.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = Path(sysconfig.get_path("scripts"), "pipeline")
    command.write_text(COMMAND.format(python=sys.executable), encoding="utf-8")
    command.chmod(command.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


if __name__ == "__main__":
    main()
