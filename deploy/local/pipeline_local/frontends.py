"""The API keys of the three made-up agencies, registered once with the intake of the local stack."""

import base64
import json
from collections.abc import Mapping

from intake_service.agencies.operators import count_in_force
from pipeline_admin.agencies import register
from pipeline_admin.databases import reading
from pipeline_admin.installation import Installation
from pipeline_local.home import Home, write_atomically
from pipeline_shared.language.restricted import Agency
from pipeline_simulators.fiction.submissions import AGENCIES


async def load_frontends(home: Home, installation: Installation) -> dict[str, str]:
    """Return each made-up agency's API key; register the agencies with intake the first time."""
    file, intake = home.keys / "frontends.json", installation.database("intake")
    keys = json.loads(file.read_text(encoding="ascii")) if file.exists() else {}
    if not await _are_known(intake, keys):
        hmac_key = base64.b64decode(installation.hmac_key())
        agencies = [Agency(name=made_up.name, category=made_up.category) for made_up in AGENCIES]
        keys = {agency.name: await register(intake, agency, hmac_key) for agency in agencies}
        write_atomically(file, json.dumps(keys, indent=2).encode())
    return keys


async def _are_known(intake_dsn: str, keys: Mapping[str, str]) -> bool:
    async with reading(intake_dsn) as connection:
        known = await count_in_force(connection, [key.split("_")[1] for key in keys.values()])
    return known == len(keys) == len(AGENCIES)
