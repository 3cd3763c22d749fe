"""One attacker beside the probe, with a check of the promises made to both."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import asyncpg

from pipeline_local.frontends import UNHURRIED
from pipeline_local.stack import LocalStack
from pipeline_settings.processes import DATABASE_OF
from pipeline_shared.messaging.topics import SERVICES
from tests.abuse.attackers import ATTACKERS, Ground
from tests.abuse.probe import Probed, probe
from tests.abuse.sending import Answers
from tests.support.intake import add_agency
from tests.support.waiting import wait_for

AIM_SECONDS = 1.0
SETTLE_SECONDS = 180.0
BEFORE_SECONDS, AFTER_SECONDS = 2.0, 3.0

REFS = "SELECT submission_ref FROM submission WHERE receipt = ANY($1::text[])"
SEPARATED = "SELECT count(*) FROM source_record WHERE submission_ref = ANY($1::uuid[])"
PARKED = "SELECT count(*) FROM parked WHERE state <> 'replayed'"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AttackResult:
    """The result of one attack."""

    attacker: str
    answers: Answers
    probed: Probed
    lost: int
    parked: int

    @property
    def is_within_aims(self) -> bool:
        """Tell whether the other agency was unaffected: all submissions accepted, none late, every service ready."""
        probed = self.probed
        is_taken = set(probed.answers.statuses) == {"202"}
        return is_taken and not self.lost and not probed.not_ready and probed.percentile(0.999) <= AIM_SECONDS

    def row(self) -> list[str]:
        """Return the row of the table for this result."""
        probed = self.probed
        waits = [f"{probed.percentile(share):.2f}" for share in (0.5, 0.99, 0.999, 1)]
        ready = f"{probed.asked_ready - probed.not_ready}/{probed.asked_ready}"
        return [self.attacker, str(self.answers), str(probed.answers), *waits, str(self.lost), str(self.parked), ready]


HEADINGS = ["attacker", "was answered", "probe was answered", "p50", "p99", "p99.9", "max", "lost", "parked", "ready"]


async def try_attackers(
    stack: LocalStack, names: Sequence[str], *, amount: float, limited: bool, tell: Tell
) -> list[AttackResult]:
    """Run the attackers one after the other; `limited` gives each agency the default limits."""
    outcomes: list[AttackResult] = []
    for name in names:
        tell(f"{name} ...")
        outcomes.append(await _try(stack, name, amount, limited=limited))
        tell("  " + "  ".join(f"{head}: {cell}" for head, cell in zip(HEADINGS, outcomes[-1].row(), strict=True)))
    return outcomes


async def _try(stack: LocalStack, name: str, amount: float, *, limited: bool) -> AttackResult:
    attacker = await add_agency(stack, "Attacker", "other", limit=None if limited else UNHURRIED)
    other = await add_agency(stack, "Probe", "other")
    before, stop = await _parked(stack), asyncio.Event()
    probing = asyncio.create_task(probe(stack, other, stop))
    try:
        await asyncio.sleep(BEFORE_SECONDS)  # the probe alone
        answers = await ATTACKERS[name](Ground(stack, attacker, amount))
        await asyncio.sleep(AFTER_SECONDS)
    finally:
        stop.set()
        probed = await probing
    unaccounted = await _not_arrived(stack, [*answers.receipts, *probed.answers.receipts])
    return AttackResult(name, answers, probed, lost=unaccounted + probed.missing, parked=await _parked(stack) - before)


async def _not_arrived(stack: LocalStack, receipts: list[str]) -> int:
    """Return how many accepted submissions the sanitiser has not stored, once all had time to arrive."""
    intake, restricted = [await asyncpg.connect(stack.admin_dsn(name)) for name in ("intake", "restricted")]
    try:
        refs = [row["submission_ref"] for row in await intake.fetch(REFS, receipts)]
        missing = len(receipts) - len(refs)

        async def arrived() -> bool:
            nonlocal missing
            missing = len(receipts) - int(await restricted.fetchval(SEPARATED, refs) or 0)
            return not missing

        try:
            await wait_for(arrived, "every accepted submission", seconds=SETTLE_SECONDS)
        except AssertionError:
            return missing
        return 0
    finally:
        await intake.close()
        await restricted.close()


async def _parked(stack: LocalStack) -> int:
    total = 0
    for service in SERVICES:
        connection = await asyncpg.connect(stack.admin_dsn(DATABASE_OF[service]))
        total += int(await connection.fetchval(PARKED) or 0)
        await connection.close()
    return total
