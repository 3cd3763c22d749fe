"""Keys are replaced while submissions flow: none is lost, and what was held before still opens."""

import asyncio
import os
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import aiohttp
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.crypto.providers import FileKeys
from pipeline_shared.crypto.sealing import recipients_of
from pipeline_shared.crypto.transit import TransitKeys
from pipeline_shared.language.events import SubmissionReceived
from pipeline_simulators.browsing import Browser
from pipeline_simulators.people import SOURCE_DESK
from tests.support.building import a_form
from tests.support.changing_keys import Ceremony
from tests.support.intake import Frontend, new_idempotency_key
from tests.support.journey import Databases, hold_submission
from tests.support.metrics import figure, read_metrics
from tests.support.openbao import CEREMONY, SERVICE, OpenBao
from tests.support.operators import sign_in
from tests.support.people import id_of
from tests.support.stack import OURS
from tests.support.waiting import until_ready, wait_for

PAUSE_SECONDS = 0.03
SEPARATED = "SELECT count(*) FROM source_record WHERE submission_ref = ANY($1::uuid[])"
REFS = "SELECT submission_ref FROM submission WHERE receipt = ANY($1::text[])"
RECEIVED = "SELECT value FROM outbox WHERE topic LIKE 'submission.received%' ORDER BY id DESC LIMIT 1"
HELD = "SELECT sealed FROM held WHERE submission_ref = $1"
ACTS = "SELECT actor, action, subject FROM audit WHERE action LIKE 'key_%' ORDER BY id"


@dataclass
class Flow:
    """Submits without a pause until it is stopped; a submission without an answer is sent again with its key."""

    frontend: Frontend
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    receipts: list[str] = field(default_factory=list[str])

    async def run(self) -> None:
        while not self.stop.is_set():
            self.receipts.append(await self._accepted(new_idempotency_key()))
            await asyncio.sleep(PAUSE_SECONDS)

    async def _accepted(self, key: str) -> str:
        async def answer() -> str:
            try:
                status, said = await self.frontend.submit(a_form(), key)
            except (aiohttp.ClientError, ValueError):
                return ""
            return said["receipt"] if status == 202 else ""

        return await wait_for(answer, "an answer of intake", seconds=60)

    async def more(self, number: int) -> None:
        """Return when this many more are accepted."""
        wanted = len(self.receipts) + number

        async def are_there() -> bool:
            return len(self.receipts) >= wanted

        await wait_for(are_there, f"{number} more submissions", seconds=60)


async def replace_keys(ceremony: Ceremony, flow: Flow) -> None:
    """Replace the keys of worker and desk as docs/keys.md says."""
    stack, place = ceremony.stack, ceremony.place
    for role in ("sanitiser", "desk"):
        arguments = ("rotate", role, "--folder", place / role, "--request", place / f"{role}.json")
        await asyncio.to_thread(ceremony.run, *arguments)
        ceremony.restart_with_keys(role)
        await until_ready(stack, role)
    await flow.more(20)
    in_use, new = stack.home.keys / "bundle.json", place / "bundle-2.json"
    requests = [place / f"{role}.json" for role in ("sanitiser", "desk")]
    signing = ("--folder", place / "offline", "--previous", in_use, "--out", new, "--yes")
    await asyncio.to_thread(ceremony.run, "bundle", "sign", *requests, *signing)
    verifying = ("bundle", "verify", new, "--trust-root", stack.keys.trust_root, "--install", in_use)
    await asyncio.to_thread(sign_in, stack, "operations-1")
    with pytest.MonkeyPatch.context() as host:
        host.setenv("ADMIN_FILE", str(stack.home.installation_file))
        # the local stack keeps all keys in one folder; a host has its bundle in a folder without offline keys
        installed = place / "installed.json"
        installed.write_bytes(in_use.read_bytes())
        await asyncio.to_thread(ceremony.run, *verifying[:-1], installed)
    installed.rename(in_use)
    for name in OURS:
        await wait_for(partial(uses_version, stack, name, 2), f"{name} to take the new bundle")
    await flow.more(20)


async def uses_version(stack: LocalStack, name: str, version: int) -> bool:
    return figure(await read_metrics(stack, name), "pipeline_key_bundle_version") == version


async def opens_at_the_desk(stack: LocalStack, submission_ref: UUID) -> bool:
    async with Browser(stack.address("desk"), SOURCE_DESK) as reviewer:
        page = await reviewer.read(f"/held/{submission_ref}")
    return page.status == 200 and "theEntwistlehousehold" in page.text


async def test_keys_are_replaced_while_submissions_flow_and_none_is_lost(
    ceremony: Ceremony, pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    _, before = await hold_submission(frontend, databases)
    flow = Flow(frontend)
    flowing = asyncio.create_task(flow.run())
    await flow.more(20)
    await replace_keys(ceremony, flow)
    _, after = await hold_submission(frontend, databases)
    flow.stop.set()
    await flowing
    refs = [row["submission_ref"] for row in await databases["intake"].fetch(REFS, flow.receipts)]
    assert len(refs) == len(set(flow.receipts)) == len(flow.receipts)

    async def all_separated() -> bool:
        return await databases["restricted"].fetchval(SEPARATED, refs) == len(refs)

    await wait_for(all_separated, "every accepted submission", seconds=60)
    assert await databases["restricted"].fetchval("SELECT count(*) FROM parked") == 0
    for ref, kid in ((before, "desk-1"), (after, "desk-2")):
        assert recipients_of(await databases["restricted"].fetchval(HELD, ref) or b"") == (kid,)
        assert await opens_at_the_desk(pipeline, ref)
    last = SubmissionReceived.model_validate_json(await databases["intake"].fetchval(RECEIVED) or b"")
    assert recipients_of(last.sealed) == ("sanitiser-2",)
    acts = [tuple(row) for row in await databases["intake"].fetch(ACTS)]
    assert acts == [(f"operator:{id_of(pipeline, 'operations-1')}", "key_bundle_installed", "version 2")]


async def test_the_desk_opens_with_a_key_that_a_server_wraps_and_its_disk_holds_none_in_clear(
    ceremony: Ceremony, pipeline: LocalStack, frontend: Frontend, databases: Databases, openbao: OpenBao
) -> None:
    _, ref = await hold_submission(frontend, databases)
    folder = ceremony.place / "wrapped"
    folder.mkdir(mode=0o700)
    kids = [file.stem for file in ceremony.files("desk")]
    wrapped = [folder / f"{kid}.key" for kid in kids]
    for kid in kids:
        private = FileKeys(ceremony.files("desk")).lend(kid)
        TransitKeys(wrapped, openbao.server(CEREMONY, folder)).keep(kid, private)
    settings = {
        "PRIVATE_KEYS": os.pathsep.join(map(str, wrapped)),
        "TRANSIT_URL": openbao.url,
        "TRANSIT_TOKEN_FILE": str(openbao.token_file(SERVICE.format(role="desk"), folder)),
    }
    ceremony.restart("desk", **settings)
    await until_ready(pipeline, "desk")
    assert await opens_at_the_desk(pipeline, ref)
    openbao.seal()  # the provider away: the desk works on, and intake accepts
    assert await opens_at_the_desk(pipeline, ref)
    assert (await frontend.submit(a_form()))[0] == 202
    openbao.unseal()
