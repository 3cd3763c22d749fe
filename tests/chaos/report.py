"""The report of a run: its kills, the end states of its submissions, and its findings."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline_local.stack import LocalStack
from pipeline_shared.messaging.topics import SERVICES, TOPOLOGY
from tests.chaos.account import Account, read_account
from tests.chaos.plan import Plan
from tests.chaos.run import Chaos, Supervised, Tell
from tests.support.kafka import read_all
from tests.support.stack import OURS

EVENT_ID = re.compile(rb'"event_id":"([0-9a-f-]{36})"')
REPEATED = re.compile(r'"outcome": ?"repeated"')
INFRASTRUCTURE_MAY_END = frozenset({"postgres"})  # it starts again only after its last child has ended


@dataclass(frozen=True, slots=True)
class Report:
    """The figures and findings of one run."""

    plan: Plan
    account: Account
    findings: list[str]
    figures: Mapping[str, int]

    def lines(self) -> list[str]:
        """Return the report as lines for a person."""
        killed = Counter(blow.victim for blow in self.plan.blows)
        victims = ", ".join(f"{name} {times}" for name, times in sorted(killed.items()))
        rows = {**self.figures, **{f"ended {name}": number for name, number in sorted(self.account.tally().items())}}
        return [
            f"seed {self.plan.seed}: {self.plan.submissions} submissions, {killed.total()} kills ({victims})",
            *(f"  {name:<44}{number:>7}" for name, number in rows.items()),
            *(f"FINDING: {finding}" for finding in self.findings[:20]),
            f"{len(self.findings)} findings" if self.findings else "nothing lost, nothing twice",
        ]


async def run_and_report(supervised: Supervised, plan: Plan, tell: Tell) -> Report:
    """Run a plan and return its report."""
    chaos = Chaos(supervised, plan, tell)
    await chaos.run()
    again = await chaos.ask_again()
    account = await read_account(supervised.stack)
    findings = account.findings(chaos.sent.receipts)
    if set(again.receipts) != set(chaos.sent.receipts) or chaos.sent.not_accepted:
        findings.append("a key got another receipt when asked again, or none")
    findings += _unexplained_deaths(supervised, plan)
    figures = await _figures(supervised.stack, chaos, account)
    return Report(plan, account, findings, figures)


async def _figures(stack: LocalStack, chaos: Chaos, account: Account) -> dict[str, int]:
    written, distinct = await _records_in_kafka(stack)
    return {
        "accepted": len(chaos.sent.receipts),
        "requests sent again by the frontends": chaos.sent.retries,
        "of them HIGH, each with one safety flag": len(account.flags),
        "source records": len(account.sources),
        "records at the police": len(account.police),
        "parked": len(account.parked),
        "records in Kafka": written,
        "of them sent twice by a relay": written - distinct,
        "records read twice, stopped by an inbox": sum(_repeats(stack.home.logs, name) for name in SERVICES),
    }


def _unexplained_deaths(supervised: Supervised, plan: Plan) -> list[str]:
    """Return the processes that ended although they were not killed: an outage elsewhere must not end a process."""
    killed = Counter(blow.victim for blow in plan.blows)
    deaths = {name: supervised.deaths(name) for name in {*OURS, "police", "kafka", *killed}}
    return [
        f"{name} was killed {killed[name]} times and ended {times} times"
        for name, times in sorted(deaths.items())
        if times != killed[name] and not (name in INFRASTRUCTURE_MAY_END and times > killed[name])
    ]


async def _records_in_kafka(stack: LocalStack) -> tuple[int, int]:
    """Return the number of records in all topics, and the number of different events among them."""
    ids = [
        found[1]
        for topic in TOPOLOGY
        for record in await read_all(stack, topic.name)
        if (found := EVENT_ID.search(record.value or b""))
    ]
    return len(ids), len(set(ids))


def _repeats(logs: Path, name: str) -> int:
    return len(REPEATED.findall((logs / f"{name}.log").read_text(encoding="utf-8", errors="replace")))
