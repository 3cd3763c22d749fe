"""Submissions at a level of the test's choice, whatever the safety screen would say of their words."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast
from uuid import UUID, uuid4

import asyncpg

from intake_service.agencies.domain import KnownAgency
from intake_service.agencies.limits import Limit
from intake_service.screening.screen import Screening
from intake_service.submissions.usecases import Sealing, accept_submissions, seal_submission
from pipeline_local.stack import LocalStack
from pipeline_shared.crypto.keys import read_bundle
from pipeline_shared.language.encoding import decode_base64
from pipeline_shared.language.restricted import Agency, SafetyHit, Submission
from pipeline_shared.language.vocabulary import AgencyCategory, SafetyLevel, SafetyReason
from pipeline_shared.runtime.work import begin
from tests.support.database import database_of
from tests.support.intake import add_agency
from tests.support.signing import stack_signer

MODEL = "screen-7"
LIMIT = Limit(60, 60)
AGENCY = "SELECT agency_id FROM agency WHERE name LIKE $1 || '%'"


def screened(level: SafetyLevel, *hits: SafetyHit) -> Screening:
    """Return a result of the screen."""
    reasons = frozenset(hit.reason for hit in hits)
    return cast("Screening", SimpleNamespace(level=level, hits=hits, reasons=reasons, model=MODEL))


def hit_on(submission: Submission, phrase: str, reason: SafetyReason = SafetyReason.WEAPON) -> SafetyHit:
    """Return a hit on a phrase of the narrative."""
    start = submission.narrative.index(phrase)
    return SafetyHit(rule="learned.test", reason=reason, path="narrative", start=start, end=start + len(phrase))


def known_agency(agency_id: UUID | None = None) -> KnownAgency:
    """Return an agency that may submit."""
    agency = Agency(name="Brambleford Homes", category=AgencyCategory.HOUSING)
    return KnownAgency(agency_id or uuid4(), agency, "prefix", b"secret", LIMIT, LIMIT)


async def accept(stack: LocalStack, submission: Submission, screening: Screening) -> UUID:
    """Accept a submission as the running intake does after its screen; its relay sends it on. Return its reference."""
    name, bundle = f"Levels {uuid4()}", (stack.home.keys / "bundle.json").read_bytes()
    await add_agency(stack, name)
    keys = read_bundle(bundle, stack.keys.trust_root, datetime.now(UTC))
    async with asyncpg.create_pool(stack.app_dsn("intake"), min_size=0, max_size=1) as pool:
        sealed = seal_submission(
            submission,
            known_agency(await pool.fetchval(AGENCY, name)),
            screening=screening,
            idempotency_key=str(uuid4()),
            sealing=Sealing(keys.recipients("sanitiser"), decode_base64(stack.keys.intake_hmac)),
            now=datetime.now(UTC),
        )
        async with begin(database_of(pool, stack_signer(stack, "intake"))) as work:
            await accept_submissions(work, [sealed])
    return sealed.row.submission_ref
