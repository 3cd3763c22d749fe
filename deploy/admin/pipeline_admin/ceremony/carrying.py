"""Carries the log of a ceremony to the audit of the restricted store; carried again, it adds only what is new."""

from pathlib import Path

from pipeline_admin.ceremony.log import START, Act, read_log
from pipeline_admin.databases import administering
from pipeline_admin.installation import Installation
from pipeline_shared.audit.entries import Operator
from sanitiser_service.operators import list_carried

CARRIED = "ceremony_act_carried"


async def carry_log(installation: Installation, log: Path, operator: Operator) -> tuple[int, str]:
    """Return how many acts were added, and the hash of the last one; raise CeremonyError."""
    acts = read_log(log)
    async with administering(installation.database("sanitiser"), operator) as work:
        known = await list_carried(work.connection, CARRIED)
        told = [(act.digest, _told(act)) for act in acts]
        new = [each for each in told if each not in known]  # an entry with the hash and another text hides nothing
        for digest, text in new:
            work.audit(CARRIED, actor=operator.actor, subject=digest, reason=text)
    return len(new), acts[-1].digest if acts else START


def _told(act: Act) -> str:
    return f"{act.at.isoformat()} {act.operator} {act.action} {act.subject}: {act.reason}"
