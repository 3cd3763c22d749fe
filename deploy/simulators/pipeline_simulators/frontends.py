"""The three portal frontends of the local stack: their agencies' API keys, made once, and what they send."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import cycle
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import asyncpg
import orjson

from pipeline_admin.agencies import register
from pipeline_local.home import Home, write_atomically
from pipeline_local.keys import load_keys
from pipeline_shared.language.restricted import Agency
from pipeline_simulators.feed import Outgoing
from pipeline_simulators.fiction.submissions import AGENCIES, MadeUp

KNOWN = "SELECT count(*) FROM agency_key WHERE prefix = ANY($1::text[]) AND revoked_at IS NULL"


async def load_frontends(home: Home, intake_dsn: str) -> dict[str, str]:
    """Return each made-up agency's API key, registered with intake the first time."""
    file = home.keys / "frontends.json"
    keys = json.loads(file.read_text(encoding="ascii")) if file.exists() else {}
    if not await _are_known(intake_dsn, keys):
        hmac_key = base64.b64decode(load_keys(home).intake_hmac)
        agencies = [Agency(name=made_up.name, category=made_up.category) for made_up in AGENCIES]
        keys = {agency.name: await register(intake_dsn, agency, hmac_key) for agency in agencies}
        write_atomically(file, json.dumps(keys, indent=2).encode())
    return keys


async def _are_known(intake_dsn: str, keys: Mapping[str, str]) -> bool:
    connection = await asyncpg.connect(intake_dsn, timeout=5)
    try:
        known = await connection.fetchval(KNOWN, [key.split("_")[1] for key in keys.values()])
    finally:
        await connection.close()
    return known == len(keys) == len(AGENCIES)


def outgoing_of(made_up: Iterable[MadeUp], api_keys: Mapping[str, str]) -> Iterator[Outgoing]:
    """Yield made-up submissions as each agency's frontend sends them, under fresh idempotency keys."""
    run = uuid4()
    for number, submission in enumerate(made_up):
        yield Outgoing(api_keys[submission.agency.name], _key(run, number), orjson.dumps(submission.form))


def outgoing_from(file: Path, api_keys: Mapping[str, str]) -> Iterator[Outgoing]:
    """Yield a file's submissions, one on each line in the API's own format, the frontends in turn."""
    run = uuid4()
    with file.open("rb") as lines:
        forms = (line.strip() for line in lines)
        for number, (form, api_key) in enumerate(zip(filter(None, forms), cycle(api_keys.values()), strict=False)):
            yield Outgoing(api_key, _key(run, number), form)


def _key(run: UUID, number: int) -> str:
    return str(uuid5(run, str(number)))
