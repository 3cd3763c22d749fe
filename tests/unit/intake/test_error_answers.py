"""The answer to a failure: a mistake of the frontend, or "not stored, try again"."""

import json

import asyncpg
import pytest
from starlette.requests import Request

from intake_service.submissions.error_answers import refuse


@pytest.mark.parametrize(
    "error",
    [asyncpg.DeadlockDetectedError("x"), asyncpg.SerializationError("x"), asyncpg.AdminShutdownError("x"), OSError()],
)
async def test_a_batch_that_lost_against_another_is_worth_sending_again(error: Exception) -> None:
    answer = await refuse(Request({"type": "http"}), error)
    assert (answer.status_code, json.loads(bytes(answer.body))["code"]) == (503, "not_stored")
    assert answer.headers["retry-after"]
