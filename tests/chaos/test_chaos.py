"""The guarantee under kill -9: a short run in every test session; the long one is `python -m tests.chaos`."""

import os
from collections.abc import Generator

import pytest

from tests.chaos.__main__ import KILLS
from tests.chaos.plan import draw_plan
from tests.chaos.report import run_and_report
from tests.chaos.run import Supervised, supervised

SHORT_KILLS = {
    "intake": 1,
    "sanitiser": 2,
    "desk": 1,
    "triage": 1,
    "transfer": 1,
    "police": 1,
    "kafka": 1,
    "postgres": 1,
}
SEED = 20261124
IS_LONG = os.environ.get("PIPELINE_CHAOS") == "long"


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Generator[Supervised, None, None]:
    """Run a whole pipeline for this test alone."""
    with supervised(tmp_path_factory.mktemp("chaos")) as running:
        yield running
    running.stack.home.remove()


async def test_every_submission_reaches_exactly_one_end_whatever_is_killed(running: Supervised) -> None:
    plan = draw_plan(SEED, 3_000, KILLS) if IS_LONG else draw_plan(SEED, 400, SHORT_KILLS)
    told: list[str] = []
    report = await run_and_report(running, plan, told.append)
    assert report.findings == [], "\n".join([*told, *report.lines()])
    assert report.figures["accepted"] == plan.submissions
