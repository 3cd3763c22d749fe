"""A portal frontend as the tests play it."""

import base64
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg

from intake_service.agencies import new_key
from pipeline_local.stack import LocalStack


@dataclass(frozen=True, slots=True)
class Frontend:
    """One agency's frontend: posts submissions and asks for their status."""

    session: aiohttp.ClientSession

    async def submit(self, form: Any, key: str | None = None) -> tuple[int, dict[str, Any]]:
        """Post a form; return status and answer."""
        headers = {"idempotency-key": key or str(uuid4())}
        async with self.session.post("/v1/submissions", json=form, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def submit_bytes(self, body: bytes, key: str | None = None) -> tuple[int, str]:
        """Post raw bytes as JSON; return status and answer's text."""
        headers = {"idempotency-key": key or str(uuid4()), "content-type": "application/json"}
        async with self.session.post("/v1/submissions", data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def status(self, receipt: str) -> str | None:
        """Return how far a submission has come, None for a receipt that this agency does not have."""
        async with self.session.get(f"/v1/submissions/{receipt}") as answer:
            return (await answer.json())["status"] if answer.status == 200 else None


async def add_agency(stack: LocalStack, name: str, category: str = "housing") -> str:
    """Register an agency and return its API key."""
    key = new_key(base64.b64decode(stack.keys.intake_hmac))
    connection = await asyncpg.connect(stack.admin_dsn("intake"))
    try:
        agency_id = uuid4()
        await connection.execute(
            "INSERT INTO agency (agency_id, name, category) VALUES ($1, $2, $3)", agency_id, name, category
        )
        await connection.execute(
            "INSERT INTO agency_key (prefix, agency_id, secret_hmac) VALUES ($1, $2, $3)",
            key.prefix,
            agency_id,
            key.secret_hmac,
        )
    finally:
        await connection.close()
    return key.text


def open_frontend(stack: LocalStack, api_key: str) -> Frontend:
    """Return a frontend; close its session when done."""
    session = aiohttp.ClientSession(base_url=stack.address("intake"), headers={"authorization": f"Bearer {api_key}"})
    return Frontend(session)
