"""What a restore could not bring back: submissions accepted after the backup, which intake does not know any more."""

from intake_service.operators import count_known
from pipeline_admin.databases import reading
from sanitiser_service.operators import list_submissions

AT_ONCE = 10_000


async def count_forgotten(intake_dsn: str, sanitiser_dsn: str) -> int:
    """Return how many separated submissions intake does not know."""
    async with reading(intake_dsn) as intake, reading(sanitiser_dsn) as sanitiser:
        separated = await list_submissions(sanitiser)
        parts = [separated[at : at + AT_ONCE] for at in range(0, len(separated), AT_ONCE)]
        return len(separated) - sum([await count_known(intake, part) for part in parts])
