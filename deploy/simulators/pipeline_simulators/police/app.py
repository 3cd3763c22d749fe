"""The HTTP interface of the simulator: create once per key, look up by key, list, and misbehave on request."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from http import HTTPStatus
from importlib.resources import files
from typing import Any, cast

import jsonschema_rs
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from pipeline_shared.runtime.http import BodyLimit, problem
from pipeline_simulators.police.ledger import Ledger, Posted, Stored
from pipeline_simulators.police.page import records_page
from pipeline_simulators.police.settings import Fault, FaultMode, PoliceSettings

LARGEST_BODY = 512 * 1024
VERSIONS = ("1.0", "2.0", "2.1")
LONGEST_KEY = 128
MOST_LISTED = 10_000
MOST_SHOWN = 200

Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(settings: PoliceSettings) -> Starlette:
    """Return the simulator's application."""
    ledger = Ledger(settings.store)
    system = PoliceRecords(ledger, settings.token.get_secret_value(), settings.fault)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None, None]:
        yield
        ledger.close()

    limit = Middleware(BodyLimit, most=LARGEST_BODY)
    return Starlette(routes=system.routes(), middleware=[limit], lifespan=lifespan)


def canonical_digest(envelope: object) -> str:
    """Return the SHA-256 of an envelope's canonical form, computed from the parsed envelope."""
    text = json.dumps(envelope, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def load_validators() -> dict[str, jsonschema_rs.Draft202012Validator]:
    """Return the validators of the envelope schemas by version; older versions may still arrive."""
    schemas = {
        version: files("transfer_service") / "schemas" / f"transfer-envelope-{version}.json" for version in VERSIONS
    }
    return {
        version: jsonschema_rs.Draft202012Validator(json.loads(schema.read_text("utf-8")), validate_formats=True)
        for version, schema in schemas.items()
    }


class PoliceRecords:
    """The records system's interface."""

    def __init__(self, ledger: Ledger, token: str, fault: Fault) -> None:
        self._ledger = ledger
        self.authorization = f"Bearer {token}".encode()
        self.fault = fault
        self._validators = load_validators()
        self._dice = random.Random()  # noqa: S311 - faults need no secrecy

    def routes(self) -> list[BaseRoute]:
        """Return every route of the simulator."""
        return [
            Route("/", self._page),
            Route("/health/live", self._health),
            Route("/health/ready", self._health),
            Route("/records", self._guarded(self._create), methods=["POST"]),
            Route("/records", self._guarded(self._list)),
            Route("/records/by-key/{key}", self._guarded(self._find)),
            Route("/faults", self._guarded(self._set_fault), methods=["POST"]),
        ]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self.authorization):
                return problem(401, "unknown_caller", "This token is not known here")
            return await endpoint(request)

        return guarded

    async def _create(self, request: Request) -> Response:
        fault = self._roll(request.headers.get("idempotency-key", ""))
        if (early := await _misbehave_before(fault)) is not None:
            return early
        posted = self._read(request, await request.body())
        if isinstance(posted, Response):
            return posted
        known = self._ledger.find(posted.key)
        stored = await self._ledger.keep(posted)
        if stored.digest != posted.digest or (known and fault.mode is FaultMode.REFUSE_DUPLICATES):
            return problem(409, "duplicate", "A record is kept under this key")
        if (late := await _misbehave_after(fault)) is not None:
            return late
        return JSONResponse(_receipt(stored), HTTPStatus.OK if known else HTTPStatus.CREATED)

    def _read(self, request: Request, body: bytes) -> Posted | Response:
        key = request.headers.get("idempotency-key", "")
        if not 0 < len(key) <= LONGEST_KEY:
            return problem(400, "idempotency_key", "An Idempotency-Key is needed")
        try:
            envelope = json.loads(body)
        except ValueError:
            return problem(400, "not_json", "The body is not JSON")
        version = cast("dict[str, Any]", envelope).get("envelope_version") if isinstance(envelope, dict) else None
        validator = self._validators.get(str(version))
        if validator is None or not validator.is_valid(envelope):
            return problem(422, "invalid_envelope", "The envelope does not meet its schema")
        return Posted(key, canonical_digest(envelope), body.decode())

    async def _find(self, request: Request) -> Response:
        fault = self._roll(request.path_params["key"])
        if fault.mode in {FaultMode.SLOW, FaultMode.FAIL} and (early := await _misbehave_before(fault)) is not None:
            return early
        stored = self._ledger.find(request.path_params["key"])
        return JSONResponse(_receipt(stored)) if stored else problem(404, "no_such_record", "No record has this key")

    async def _list(self, request: Request) -> Response:
        after, limit = (request.query_params.get(name, default) for name, default in (("after", "0"), ("limit", "100")))
        if not (after.isdigit() and limit.isdigit()):
            return problem(400, "bad_parameter", "after and limit are whole numbers")
        page = self._ledger.page(after=int(after), limit=min(int(limit), MOST_LISTED))
        return JSONResponse({"count": self._ledger.count(), "records": [_listed(stored) for stored in page]})

    async def _set_fault(self, request: Request) -> Response:
        try:
            self.fault = Fault.model_validate_json(await request.body())
        except ValidationError:
            return problem(422, "invalid_fault", "A mode, a probability from 0 to 1, and seconds are needed")
        return JSONResponse(self.fault.model_dump(mode="json"))

    async def _page(self, _request: Request) -> Response:
        return HTMLResponse(records_page(self._ledger.newest(MOST_SHOWN), total=self._ledger.count()))

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"ready": True, "records": self._ledger.count(), "fault": self.fault.mode})

    def _roll(self, key: str) -> Fault:
        """Return the fault for a request with this key, at random."""
        is_meant = self.fault.key in {"", key}
        return self.fault if is_meant and self._dice.random() < self.fault.probability else Fault()


async def _misbehave_before(fault: Fault) -> Response | None:
    match fault.mode:
        case FaultMode.SLOW:
            await asyncio.sleep(fault.seconds)
        case FaultMode.FAIL:
            return problem(500, "internal", "Something is wrong here")
        case _:
            pass
    return None


async def _misbehave_after(fault: Fault) -> Response | None:
    match fault.mode:
        case FaultMode.TIMEOUT_AFTER_COMMIT:
            await asyncio.sleep(fault.seconds)
            return problem(504, "timeout", "It took too long")
        case FaultMode.NONSENSE:
            return PlainTextResponse("<html>It worked!", HTTPStatus.OK)
        case _:
            return None


def _receipt(stored: Stored) -> dict[str, str]:
    return {"reference": stored.reference, "digest": stored.digest}


def _listed(stored: Stored) -> dict[str, Any]:
    record_ref = cast("dict[str, Any]", json.loads(stored.envelope))["record_ref"]
    return {
        **_receipt(stored),
        "number": stored.number,
        "key": stored.key,
        "record_ref": record_ref,
        "received_at": stored.received_at,
        "repeats": stored.repeats,
    }
