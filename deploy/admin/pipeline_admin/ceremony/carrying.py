"""Carries the log of a ceremony to the audit of the restricted store; carried again, it adds only what is new."""

from pathlib import Path

from pipeline_admin.ceremony.log import START, read_log
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
        new = [act for act in acts if act.digest not in known]
        for act in new:
            said = f"{act.at.isoformat()} {act.operator} {act.action} {act.subject}: {act.reason}"
            work.audit(CARRIED, actor=operator.actor, subject=act.digest, reason=said)
    return len(new), acts[-1].digest if acts else START
