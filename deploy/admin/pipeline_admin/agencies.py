"""Registers made-up agencies for demonstrations and measurements, with intake's own use cases on its database."""

from contextlib import suppress

from intake_service.agencies import operators
from intake_service.agencies.limits import Limit
from intake_service.agencies.operators import AdministrationError
from pipeline_admin.databases import administering, this_operator
from pipeline_shared.language.restricted import Agency

UNHURRIED = Limit(per_minute=1_000_000, burst=1_000_000)  # for a made-up agency that sends for all agencies of a force


async def register(intake_dsn: str, agency: Agency, hmac_key: bytes) -> str:
    """Return a new API key of a made-up agency without a practical limit, and revoke its earlier keys."""
    operator = this_operator()
    async with administering(intake_dsn) as work:
        with suppress(AdministrationError):  # the agency may be new
            await operators.disable_agency(work, agency.name, operator)
        key = await operators.add_agency(work, agency, operator, hmac_key)
        await operators.limit_agency(work, agency.name, UNHURRIED, operator)
    return key.text
