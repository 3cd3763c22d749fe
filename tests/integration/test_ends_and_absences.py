"""What operations learn before it hurts: when certificates and key bundles end, and that nobody can sign in."""

import asyncio
from pathlib import Path

import pytest

from pipeline_local.keys import load_trust_root
from pipeline_local.stack import LocalStack
from pipeline_shared.crypto.keys import sign_bundle
from tests.integration.test_key_bundle import bundle_of, start_on
from tests.support.metrics import figure, read_metrics
from tests.support.stack import OURS
from tests.support.waiting import wait_for

DAYS, AWAY = "pipeline_days_left", "pipeline_provider_away"


@pytest.mark.parametrize("process", OURS)
async def test_every_process_tells_how_long_its_certificate_and_its_key_bundle_last(
    pipeline: LocalStack, process: str
) -> None:
    async def measured() -> bool:
        figures = await read_metrics(pipeline, process)
        return 300 < figure(figures, DAYS, what="certificate") < 400 < figure(figures, DAYS, what="key_bundle") < 3_660

    await wait_for(measured, "the days that are left")


async def test_transfer_tells_how_long_the_certificate_lasts_that_it_shows_to_the_police_system(
    pipeline: LocalStack,
) -> None:
    assert figure(await read_metrics(pipeline, "transfer"), DAYS, what="client_certificate") > 300


async def test_the_desks_tell_when_the_identity_provider_cannot_be_reached_and_when_it_is_back(
    pipeline: LocalStack,
) -> None:
    async def all_say(away: int) -> bool:
        return all([figure(await read_metrics(pipeline, site), AWAY) == away for site in ("triage", "desk")])

    pipeline.kill("provider")
    try:
        await wait_for(lambda: all_say(1), "the desks to notice", seconds=60)
    finally:
        pipeline.start("provider")
    await wait_for(lambda: all_say(0), "the desks to notice", seconds=60)


async def test_the_desk_does_not_start_when_its_signing_key_is_not_in_the_bundle(
    stack: LocalStack, tmp_path: Path
) -> None:
    bundle, file = bundle_of(stack), tmp_path / "bundle.json"
    others = tuple(key for key in bundle.keys if key.role != "events:desk")
    file.write_bytes(sign_bundle(bundle.model_copy(update={"keys": others}), load_trust_root(stack.home)))
    ended = await asyncio.to_thread(start_on, stack, "desk", file)
    assert ended.returncode != 0
    assert b"signing_key_not_in_bundle" in ended.stderr
