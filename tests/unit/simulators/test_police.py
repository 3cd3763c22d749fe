"""The simulator of the police system: one permanent record for each key, and its ways to misbehave."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from pipeline_simulators.police.app import canonical_digest, create_app
from pipeline_simulators.police.settings import PoliceSettings

ENVELOPE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "transfer" / "transfer-envelope-2.1.json").read_text()
)
OTHER = ENVELOPE | {"priority": "low"}


def settings(folder: Path, **changes: Any) -> PoliceSettings:
    return PoliceSettings(port=8105, token=SecretStr("token"), store=folder, **changes)


@asynccontextmanager
async def open_client(folder: Path, **changes: Any) -> AsyncGenerator[httpx.AsyncClient, None]:
    app = create_app(settings(folder, **changes))
    headers = {"authorization": "Bearer token", "idempotency-key": "k1"}
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://police", headers=headers) as client,
    ):
        yield client


async def set_fault(client: httpx.AsyncClient, mode: str, **fields: Any) -> None:
    assert (await client.post("/faults", json={"mode": mode, "seconds": 0, **fields})).status_code == 200


async def test_a_record_is_created_once_and_repeated_as_often_as_asked(tmp_path: Path) -> None:
    async with open_client(tmp_path) as client:
        first, again = [await client.post("/records", json=ENVELOPE) for _ in range(2)]
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert first.json()["digest"] == canonical_digest(ENVELOPE)
        assert first.json()["reference"].startswith("NP/20")
        assert first.json()["reference"].endswith("/000001")


async def test_another_record_under_the_same_key_is_refused_and_the_first_is_kept(tmp_path: Path) -> None:
    async with open_client(tmp_path) as client:
        first = await client.post("/records", json=ENVELOPE)
        assert (await client.post("/records", json=OTHER)).status_code == 409
        assert (await client.get("/records/by-key/k1")).json() == first.json()
        assert (await client.get("/records")).json()["count"] == 1


async def test_a_key_that_was_never_used_is_not_found(tmp_path: Path) -> None:
    async with open_client(tmp_path) as client:
        answer = await client.get("/records/by-key/k2")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_record")


@pytest.mark.parametrize(
    "body",
    [{}, [], "text", ENVELOPE | {"case_id": "x"}, ENVELOPE | {"record_ref": "not a uuid"}, {**ENVELOPE, "event": {}}],
)
async def test_an_envelope_that_does_not_meet_its_schema_is_refused(tmp_path: Path, body: Any) -> None:
    async with open_client(tmp_path) as client:
        assert (await client.post("/records", json=body)).status_code == 422
        assert (await client.get("/records")).json()["count"] == 0


async def test_what_is_not_json_and_what_has_no_key_is_refused(tmp_path: Path) -> None:
    async with open_client(tmp_path) as client:
        assert (await client.post("/records", content=b"{")).status_code == 400
        assert (await client.post("/records", json=ENVELOPE, headers={"idempotency-key": ""})).status_code == 400


@pytest.mark.parametrize(("method", "path"), [("GET", "/records"), ("POST", "/records"), ("POST", "/faults")])
async def test_without_the_token_nothing_is_read_or_written(tmp_path: Path, method: str, path: str) -> None:
    async with open_client(tmp_path) as client:
        assert (await client.request(method, path, headers={"authorization": "Bearer wrong"})).status_code == 401


async def test_records_are_there_after_a_restart(tmp_path: Path) -> None:
    async with open_client(tmp_path) as client:
        first = (await client.post("/records", json=ENVELOPE)).json()
    async with open_client(tmp_path) as client:
        assert (await client.get("/records/by-key/k1")).json() == first
        assert (await client.post("/records", json=ENVELOPE, headers={"idempotency-key": "k2"})).json() != first


async def test_many_requests_at_once_make_one_record_for_each_key(tmp_path: Path) -> None:
    async with open_client(tmp_path) as client:
        sent = [client.post("/records", json=ENVELOPE, headers={"idempotency-key": f"k{n % 10}"}) for n in range(100)]
        references = {answer.json()["reference"] for answer in await asyncio.gather(*sent)}
        listing = (await client.get("/records")).json()
    assert len(references) == listing["count"] == 10
    assert sum(record["repeats"] for record in listing["records"]) == 90


async def test_the_listing_can_be_read_page_by_page(tmp_path: Path) -> None:
    async with open_client(tmp_path) as client:
        for n in range(5):
            await client.post("/records", json=ENVELOPE, headers={"idempotency-key": f"k{n}"})
        page = (await client.get("/records", params={"after": 2, "limit": 2})).json()
        assert [record["number"] for record in page["records"]] == [3, 4]
        assert {record["record_ref"] for record in page["records"]} == {ENVELOPE["record_ref"]}


async def test_a_failing_system_keeps_nothing(tmp_path: Path) -> None:
    async with open_client(tmp_path, fault_mode="fail") as client:
        assert (await client.post("/records", json=ENVELOPE)).status_code == 500
        assert (await client.get("/records/by-key/k1")).status_code == 500
        await set_fault(client, "none")
        assert (await client.get("/records/by-key/k1")).status_code == 404


@pytest.mark.parametrize(("mode", "status"), [("timeout_after_commit", 504), ("nonsense", 200)])
async def test_a_system_that_loses_its_answer_has_kept_the_record(tmp_path: Path, mode: str, status: int) -> None:
    async with open_client(tmp_path) as client:
        await set_fault(client, mode)
        answer = await client.post("/records", json=ENVELOPE)
        assert answer.status_code == status
        assert b"reference" not in answer.content
        assert (await client.get("/records/by-key/k1")).status_code == 200


async def test_a_system_that_refuses_duplicates_refuses_the_same_record_too(tmp_path: Path) -> None:
    async with open_client(tmp_path) as client:
        await set_fault(client, "refuse_duplicates")
        assert [(await client.post("/records", json=ENVELOPE)).status_code for _ in range(2)] == [201, 409]


async def test_a_slow_system_answers_in_the_end(tmp_path: Path) -> None:
    async with open_client(tmp_path) as client:
        await set_fault(client, "slow", seconds=0.01)
        assert (await client.post("/records", json=ENVELOPE)).status_code == 201


@pytest.mark.parametrize(
    "fault", [{"mode": "unknown"}, {"mode": "fail", "probability": 2}, {"mode": "slow", "seconds": -1}]
)
async def test_a_fault_that_makes_no_sense_is_refused(tmp_path: Path, fault: dict[str, Any]) -> None:
    async with open_client(tmp_path) as client:
        assert (await client.post("/faults", json=fault)).status_code == 422


async def test_the_page_shows_what_is_kept_as_text(tmp_path: Path) -> None:
    hostile = {**ENVELOPE, "event": {**ENVELOPE["event"], "title": "<script>alert(1)</script>"}}
    async with open_client(tmp_path) as client:
        await client.post("/records", json=hostile)
        page = (await client.get("/", headers={"authorization": ""})).text
        assert "<script>" not in page
        assert "NP/20" in page
