"""Made-up input over real HTTP: each answer is documented and below 500, and no input is repeated or stored.

test_intake.py has single refused bodies; test_bad_http.py has abuse of HTTP itself.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
import schemathesis
import schemathesis.checks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as contract
from yarl import URL

from pipeline_local.stack import LocalStack
from tests.support.building import a_form
from tests.support.canary import plant
from tests.support.intake import Frontend, new_idempotency_key, stored
from tests.support.stack import TRUST

HOSTILE_MARK = "zqhostile"
CHECKS = [
    schemathesis.checks.not_a_server_error,
    contract.status_code_conformance,
    contract.content_type_conformance,
    contract.response_schema_conformance,
    contract.response_headers_conformance,
]
SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much]
Databases = dict[str, asyncpg.Connection]


def bounded(examples: int) -> settings:
    """Return settings for a live server: few examples, slow ones allowed, the same ones in every run."""
    return settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=SLOW_IS_FINE, database=None
    )


def texts_in(value: object) -> Iterator[str]:
    """Yield the texts of a made-up value that are too long to be found by chance."""
    match value:
        case str() if len(value) > 5:
            yield value
        case dict():
            for item in value.values():  # pyright: ignore[reportUnknownVariableType]
                yield from texts_in(item)  # pyright: ignore[reportUnknownArgumentType]
        case list():
            for item in value:  # pyright: ignore[reportUnknownVariableType]
                yield from texts_in(item)  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return


def try_the_contract(address: str, headers: dict[str, str], mode: GenerationMode) -> list[int]:
    """Send input that the OpenAPI document allows or forbids to each operation; return the statuses."""
    statuses: list[int] = []
    document = schemathesis.openapi.from_url(f"{address}/openapi.json", verify=os.environ[TRUST])
    # Texts of the document may be part of an answer: made-up texts are sometimes names of its fields.
    published = json.dumps(document.raw_schema, ensure_ascii=False)
    for found in document.get_all_operations():
        assert isinstance(found, Ok), "an operation of the document cannot be read"
        operation = found.ok()

        @bounded(40)
        @given(case=operation.as_strategy(generation_mode=mode))
        def try_case(case: schemathesis.Case[Any]) -> None:
            answer = case.call(headers=headers, verify=os.environ[TRUST])
            case.validate_response(answer, checks=CHECKS)
            said = answer.text.replace("about:blank", "")  # the type of every refusal
            assert not [text for text in texts_in(case.body) if text in said and text not in published]
            statuses.append(answer.status_code)

        try_case()
    return statuses


@pytest.mark.parametrize("mode", list(GenerationMode))
async def test_answers_are_what_the_openapi_document_says(
    mode: GenerationMode, pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    before = await stored(databases)
    headers = {"authorization": frontend.session.headers["authorization"]}
    statuses = await asyncio.to_thread(try_the_contract, pipeline.address("intake"), headers, mode)
    assert len(statuses) >= 40
    assert await stored(databases) - before <= statuses.count(202)


async def test_without_a_key_nothing_gets_further(pipeline: LocalStack, databases: Databases) -> None:
    before = await stored(databases)
    address = pipeline.address("intake")
    statuses = await asyncio.to_thread(try_the_contract, address, {"authorization": "x"}, GenerationMode.POSITIVE)
    assert set(statuses) == {401}
    assert await stored(databases) == before


# The default strategies never make half a surrogate pair, and rarely other characters that break databases and readers.
ODD = st.sampled_from(
    [
        "\0",
        "\ud800",
        "\udfff\ud800",
        "\x1b[2J",
        "\x7f",
        "\u202e",
        "\u200b",
        "\ufeff",
        "\U0010ffff",
        "%00",
        "'; --",
        "{{7*7}}",
    ]
)
HOSTILE_TEXT = st.lists(st.one_of(ODD, st.text(max_size=8)), max_size=6).map(HOSTILE_MARK.join)
HOSTILE = st.recursive(
    st.one_of(HOSTILE_TEXT, st.floats(), st.integers(), st.booleans(), st.none(), st.just(10**400)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(HOSTILE_TEXT, inner, max_size=3)),
    max_leaves=5,
)


def places_of(form: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every field of a form."""
    for name, value in form.items():
        yield (*path, name)
        if isinstance(value, dict):
            yield from places_of(value, (*path, name))  # pyright: ignore[reportUnknownArgumentType]


PLACES = sorted(places_of(plant(a_form(occurrence={"place": "", "note": ""}), "places")))


@bounded(150)
@given(path=st.sampled_from(PLACES), value=HOSTILE, name=st.one_of(st.none(), HOSTILE_TEXT))
async def test_a_hostile_value_anywhere_in_the_form_is_refused_or_kept_and_never_repeated(
    frontend: Frontend, databases: Databases, path: tuple[str, ...], value: Any, name: str | None
) -> None:
    # its own text stays unchanged: it must not name a source that the hostile value may replace
    before, form = await stored(databases), plant(a_form(), new_idempotency_key()) | {"narrative": "Lee sells."}
    target = form
    for step in path[:-1]:
        target = target.setdefault(step, {})
    target[path[-1] if name is None else name] = value
    status, text = await frontend.submit_bytes(json.dumps(form).encode())
    assert status in {202, 400, 422}
    assert HOSTILE_MARK not in text
    assert await stored(databases) - before == (status == 202)


@bounded(100)
@given(body=st.one_of(st.binary(max_size=300), HOSTILE.map(lambda value: json.dumps(value).encode())))
async def test_a_body_that_is_no_form_is_refused(frontend: Frontend, body: bytes) -> None:
    status, text = await frontend.submit_bytes(body)
    assert status in {400, 422}
    assert HOSTILE_MARK not in text


@bounded(100)
@given(
    receipt=st.one_of(
        st.binary(min_size=1, max_size=60), st.from_regex(r"PIP(-[0-9A-Fg]{7,9}){3,5}\n?").map(str.encode)
    )
)
async def test_whatever_is_asked_for_as_a_receipt_is_unknown(
    pipeline: LocalStack, frontend: Frontend, receipt: bytes
) -> None:
    path = "".join(f"%{byte:02X}" for byte in receipt)
    url = URL(f"{pipeline.address('intake')}/v1/submissions/{path}", encoded=True)
    async with frontend.session.get(url) as answer:
        assert (answer.status, answer.content_type) == (404, "application/problem+json")
        assert HOSTILE_MARK not in await answer.text()
