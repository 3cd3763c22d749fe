"""Takes one sealed record from the restricted store; the audit has the act before the record leaves."""

from uuid import UUID

from pipeline_admin.ceremony.refusal import CeremonyError
from pipeline_admin.databases import administering
from pipeline_admin.installation import Installation
from pipeline_shared.audit.entries import Operator
from sanitiser_service.operators import take_sealed_source
from triage_service.operators import find_source_ref


async def find_source_of_case(
    installation: Installation, case_id: UUID | None, operator: Operator, reason: str
) -> UUID:
    """Return the reference of a case's source; raise CeremonyError."""
    async with administering(installation.database("triage"), operator) as work:
        found = await find_source_ref(work.connection, case_id) if case_id else None
        if found is None:
            raise CeremonyError("no_case", str(case_id))
        work.audit("source_of_case_asked", actor=operator.actor, subject=str(case_id), reason=reason)
    return found


async def take_source(installation: Installation, source_ref: UUID, operator: Operator, reason: str) -> bytes:
    """Return the sealed record of a source, once the audit entry is committed; raise CeremonyError."""
    async with administering(installation.database("sanitiser"), operator) as work:
        sealed = await take_sealed_source(work.connection, source_ref, operator, reason)
    if sealed is None:  # after the commit: the audit keeps that somebody asked
        raise CeremonyError("no_source", str(source_ref))
    return sealed
