"""The times that `pipeline resend` accepts, and the proof that inboxes still know everything it sends."""

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline_local.main import app
from pipeline_shared.messaging import inbox
from pipeline_shared.runtime.settings import MOST_OUTBOX_HOURS


@pytest.mark.parametrize("time", ["2026-05-12T09:30Z", "2026-05-12T09:30:15+01:00"])
def test_a_time_with_its_zone_is_understood(time: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["resend", time], env={"PIPELINE_HOME": str(tmp_path)})
    assert "nothing is running" in done.output


@pytest.mark.parametrize("time", ["2026-05-12T09:30", "yesterday", ""])
def test_a_time_that_could_be_anybodys_is_refused(time: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["resend", time], env={"PIPELINE_HOME": str(tmp_path)})
    assert done.exit_code == 2


def test_an_inbox_remembers_longer_than_any_outbox_keeps() -> None:
    assert timedelta(hours=MOST_OUTBOX_HOURS) < inbox.KEEP
