"""The folder of an installation in production, ready to start."""

from pathlib import Path

import pytest

from pipeline_admin.production.folder import InstallationFolder
from pipeline_admin.production.preparing import prepare
from tests.support.production import give_everything


@pytest.fixture
def ready(tmp_path: Path) -> InstallationFolder:
    given = give_everything(tmp_path)
    assert prepare(given) == []
    return InstallationFolder(given.root)
