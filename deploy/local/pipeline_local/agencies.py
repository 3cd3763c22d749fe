"""Partner agencies: a name, a category, and an API key of which only an HMAC is stored."""

import base64
from uuid import uuid4

import asyncpg

from intake_service.agencies import new_key
from pipeline_shared.submission import AgencyCategory

ADD = """
WITH known AS (
    INSERT INTO agency (agency_id, name, category) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET category = excluded.category RETURNING agency_id)
INSERT INTO agency_key (prefix, agency_id, secret_hmac) SELECT $4, agency_id, $5 FROM known
"""


async def add_agency(intake_dsn: str, name: str, *, category: AgencyCategory, hmac_key: str) -> str:
    """Add an agency, or another key to one that is known; return the key. `hmac_key` is intake's."""
    key = new_key(base64.b64decode(hmac_key))
    connection = await asyncpg.connect(intake_dsn, timeout=5)
    try:
        await connection.execute(ADD, uuid4(), name, category.value, key.prefix, key.secret_hmac)
    finally:
        await connection.close()
    return key.text
