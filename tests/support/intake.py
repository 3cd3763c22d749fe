"""A portal frontend for tests. Its submissions carry an identity canary, which no answer may repeat."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg

from intake_service.agencies.domain import keyed_hash
from intake_service.agencies.limits import Limit
from pipeline_local.frontends import UNHURRIED
from pipeline_local.stack import LocalStack
from tests.support.canary import AGENCY_MARK, MARK, has_mark, plant
from tests.support.waiting import wait_for
from tests.support.web import web_session


@dataclass(frozen=True, slots=True)
class Frontend:
    """The frontend of one agency: posts submissions and asks for their status."""

    session: aiohttp.ClientSession

    async def submit(self, form: Any, key: str | None = None) -> tuple[int, dict[str, Any]]:
        """Post a form with the canary; return status and answer."""
        key = key or new_idempotency_key()
        status, text = await self.submit_bytes(json.dumps(plant(form, key)).encode(), key)
        return status, json.loads(text)

    async def submit_bytes(self, body: bytes, key: str | None = None) -> tuple[int, str]:
        """Post raw bytes as JSON; return the status and the text of the answer."""
        headers = {"idempotency-key": key or new_idempotency_key(), "content-type": "application/json"}
        async with self.session.post("/v1/submissions", data=body, headers=headers) as answer:
            text = await answer.text()
        assert not has_mark(f"{answer.headers} {text}"), "the answer repeats what was sent"
        return answer.status, text

    async def status(self, receipt: str) -> str | None:
        """Return the status of a submission, or None for a receipt that this agency does not have."""
        async with self.session.get(f"/v1/submissions/{receipt}") as answer:
            return (await answer.json())["status"] if answer.status == 200 else None


async def until_known(frontend: Frontend) -> None:
    """Return when intake knows the agency's key: it looks up only a limited number of new keys a second."""

    async def is_known() -> bool:
        async with frontend.session.get("/v1/submissions/none") as answer:
            return answer.status == HTTPStatus.NOT_FOUND

    await wait_for(is_known, "intake to know the agency")


def new_idempotency_key() -> str:
    """Return a new idempotency key with a mark: even this key may not be stored or logged in clear."""
    return f"{MARK}idempotency-{uuid4()}"


async def add_agency(stack: LocalStack, name: str, category: str = "housing", limit: Limit | None = UNHURRIED) -> str:
    """Register an agency and return its API key; its name and the secret of the key carry marks.

    It may send without limit, or within `limit`; None gives it the limit in the settings of intake.
    """
    prefix, secret = secrets.token_hex(6), f"{MARK}secret{secrets.token_urlsafe(16)}"
    secret_hmac = keyed_hash(base64.b64decode(stack.keys.intake_hmac), "agency-key", secret.encode())
    connection = await asyncpg.connect(stack.admin_dsn("intake"))
    try:
        agency_id = uuid4()
        await connection.execute(
            "INSERT INTO agency (agency_id, name, category, per_minute, burst) VALUES ($1, $2, $3, $4, $5)",
            agency_id,
            f"{name} {AGENCY_MARK}{agency_id.hex}",
            category,
            limit and limit.per_minute,
            limit and limit.burst,
        )
        await connection.execute(
            "INSERT INTO agency_key (prefix, agency_id, secret_hmac) VALUES ($1, $2, $3)",
            prefix,
            agency_id,
            secret_hmac,
        )
    finally:
        await connection.close()
    return f"pip_{prefix}_{secret}"


def open_frontend(stack: LocalStack, api_key: str) -> Frontend:
    """Return a frontend; close its session when done."""
    session = web_session(stack.address("intake"), headers={"authorization": f"Bearer {api_key}"})
    return Frontend(session)


async def stored(databases: Mapping[str, asyncpg.Connection]) -> int:
    """Return how many submissions intake has stored."""
    return int(await databases["intake"].fetchval("SELECT count(*) FROM submission") or 0)
