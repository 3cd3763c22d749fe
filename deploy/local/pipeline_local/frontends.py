"""The API keys of the made-up agencies, registered once with the intake of the local stack."""

import json
from collections.abc import Mapping
from contextlib import suppress

from intake_service.agencies import operators
from intake_service.agencies.limits import Limit
from intake_service.agencies.operators import AdministrationError
from pipeline_admin.databases import administering, reading
from pipeline_admin.installation import Installation
from pipeline_local.home import Home, write_atomically
from pipeline_shared.audit.entries import Operator
from pipeline_shared.language.encoding import decode_base64
from pipeline_shared.language.restricted import Agency
from pipeline_simulators.fiction.submissions import AGENCIES
from pipeline_simulators.fiction.week import PARTNERS

BY_ITSELF = Operator("operator:demonstration")  # in the role of operators: nobody signs in for it
MADE_UP = {**PARTNERS, **{agency.name: agency.category for agency in AGENCIES}}
UNHURRIED = Limit(per_minute=1_000_000, burst=1_000_000)  # for a made-up agency that sends for all agencies of a force


async def load_frontends(home: Home, installation: Installation) -> dict[str, str]:
    """Return each made-up agency's API key; register the agencies with intake the first time."""
    file, intake = home.keys / "frontends.json", installation.database("intake")
    keys = json.loads(file.read_text(encoding="ascii")) if file.exists() else {}
    if not await _are_known(intake, keys):
        hmac_key = decode_base64(installation.hmac_key())
        agencies = [Agency(name=name, category=category) for name, category in MADE_UP.items()]
        keys = {agency.name: await register(intake, agency, hmac_key) for agency in agencies}
        write_atomically(file, json.dumps(keys, indent=2).encode())
    return keys


async def _are_known(intake_dsn: str, keys: Mapping[str, str]) -> bool:
    async with reading(intake_dsn) as connection:
        known = await operators.count_in_force(connection, [key.split("_")[1] for key in keys.values()])
    return known == len(keys) == len(MADE_UP)


async def register(intake_dsn: str, agency: Agency, hmac_key: bytes) -> str:
    """Return a new API key of a made-up agency without a practical limit, and revoke its earlier keys."""
    async with administering(intake_dsn, BY_ITSELF) as work:
        with suppress(AdministrationError):  # the agency may be new
            await operators.disable_agency(work, agency.name, BY_ITSELF)
        key = await operators.add_agency(work, agency, BY_ITSELF, hmac_key)
        await operators.limit_agency(work, agency.name, UNHURRIED, BY_ITSELF)
    return key.text
