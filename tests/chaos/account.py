"""The account of a run, read from every store, with every breach of the guarantee: nothing lost, nothing twice.

A finding is a sentence. Without findings, each accepted submission is in exactly one end state, its status at intake
agrees, and the police system holds each recorded case once and nothing else.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from pipeline_local.stack import LocalStack
from pipeline_settings.processes import DATABASE_OF
from tests.support.web import web_session

# Case state (or "kept" for a submission kept at the source desk) → the status that the agency sees.
TOLD = {
    "transferred": "accepted",
    "not_recorded": "closed",
    "passed_on": "passed_to_another_route",
    "kept": "received",
}
ONCE = (
    "submission_accepted",
    "safety_flagged",
    "safety_previewed",
    "safety_flag_opened",
    "submission_sanitised",
    "submission_held",
    "held_submission_released",
    "held_submission_kept",
    "case_opened",
    "case_decided",
    "transfer_accepted",
    "transfer_confirmed",
)

SUBMISSIONS = "SELECT receipt, submission_ref, status FROM submission"
HIGH = """
SELECT submission_ref FROM submission JOIN outbox ON key = submission_ref WHERE topic = 'submission.received.high.v1'
"""
# Only the restricted store can link a flag or a case to its submission.
FLAGGED = "SELECT subject::uuid AS submission_ref, reason::uuid AS flag_id FROM audit WHERE action = 'safety_flagged'"
FLAGS = "SELECT flag_id FROM safety_flag"
SOURCES = "SELECT submission_ref, source_ref FROM source_record"
HELD = "SELECT submission_ref, state FROM held"
CASES = "SELECT case_id, source_ref, status_token, state, record_ref, police_reference FROM triage_case"
DECISIONS = "SELECT case_id, outcome FROM decision"
TRANSFERS = "SELECT case_id, record_ref, state, police_reference FROM transfer"
PARKED = "SELECT topic, error FROM parked"
AUDITED_TWICE = "SELECT action FROM audit WHERE action = ANY($1::text[]) GROUP BY action, subject HAVING count(*) > 1"
PUBLISHED_TWICE = """
SELECT topic FROM outbox
GROUP BY topic, key, convert_from(value, 'UTF8')::jsonb ->> 'status' HAVING count(*) > 1
"""

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Account:
    """All the data needed to find the end of each submission."""

    submissions: Rows
    high: Rows
    flagged: Rows
    flags: Rows
    sources: Rows
    held: Rows
    cases: Rows
    decisions: Rows
    transfers: Rows
    police: Rows
    parked: list[str]
    twice: list[str]

    def ends(self) -> dict[str, list[str]]:
        """Return, for each receipt, every place in which its submission is now."""
        kept = {row["submission_ref"] for row in self.held if row["state"] != "released"}
        states = dict[UUID, list[str]]()
        submission_of = {row["source_ref"]: row["submission_ref"] for row in self.sources}
        for case in self.cases:
            states.setdefault(submission_of[case["source_ref"]], []).append(case["state"])
        held = {row["submission_ref"]: row["state"] for row in self.held if row["submission_ref"] in kept}
        return {
            row["receipt"]: [
                *([held[row["submission_ref"]]] if row["submission_ref"] in held else []),
                *states.get(row["submission_ref"], []),
            ]
            for row in self.submissions
        }

    def tally(self) -> Counter[str]:
        """Count the submissions by end state; one in no place, or in several, is counted under that description."""
        return Counter("+".join(places) or "nowhere" for places in self.ends().values())

    def findings(self, receipts: Sequence[str]) -> list[str]:
        """Return every breach of the guarantee for these receipts."""
        return [
            *self._accepted(receipts),
            *self._ended(),
            *_differences("source records", self.sources, self.submissions, "submission_ref"),
            *_differences("HIGH submissions that were flagged", self.flagged, self.high, "submission_ref"),
            *_differences("safety flags", self.flags, self.flagged, "flag_id"),
            *self._decided(),
            *self._transferred(),
            *(f"parked: {what}" for what in self.parked),
            *(f"twice: {what}" for what in self.twice),
        ]

    def _accepted(self, receipts: Sequence[str]) -> Iterator[str]:
        known = {row["receipt"] for row in self.submissions}
        if len(set(receipts)) != len(receipts):
            yield f"{len(receipts) - len(set(receipts))} receipts were given to two submissions"
        if lost := set(receipts) - known:
            yield f"{len(lost)} accepted submissions are not stored"
        if unknown := known - set(receipts):
            yield f"{len(unknown)} stored submissions are nobody's"

    def _ended(self) -> Iterator[str]:
        ends = self.ends()
        for places, number in self.tally().items():
            if places not in TOLD:
                yield f"{number} submissions are {places}, which is no end"
        for row in self.submissions:
            places = ends[row["receipt"]]
            if len(places) == 1 and row["status"] != TOLD.get(places[0]):
                yield f"a submission that is {places[0]} is told to be {row['status']}"

    def _decided(self) -> Iterator[str]:
        yield from _differences("decisions", self.decisions, self.cases, "case_id")
        recorded = [row for row in self.decisions if row["outcome"] == "record"]
        yield from _differences("transfers", self.transfers, recorded, "case_id")
        yield from _repeated("cases of one source", self.cases, "source_ref")
        yield from _repeated("cases of one submission", self.cases, "status_token")

    def _transferred(self) -> Iterator[str]:
        recorded = [row for row in self.cases if row["record_ref"]]
        yield from _differences("police records", self.police, recorded, "record_ref")
        references = {row["record_ref"]: row["reference"] for row in self.police}
        for what, rows in (("cases", recorded), ("transfers", self.transfers)):
            wrong = [row for row in rows if row["police_reference"] != references.get(row["record_ref"])]
            if wrong:
                yield f"{len(wrong)} {what} have another reference than the police"


def _differences(what: str, rows: Rows, wanted: Rows, key: str) -> Iterator[str]:
    """Yield each difference between the rows and the wanted keys: exactly one row for each."""
    found, due = Counter(row[key] for row in rows), {row[key] for row in wanted}
    yield from _repeated(what, rows, key)
    if missing := due - set(found):
        yield f"{len(missing)} {what} are missing"
    if others := set(found) - due:
        yield f"{len(others)} {what} belong to nothing"


def _repeated(what: str, rows: Rows, key: str) -> Iterator[str]:
    if repeated := [value for value, times in Counter(row[key] for row in rows).items() if times > 1]:
        yield f"{len(repeated)} times there are several {what}"


async def read_account(stack: LocalStack) -> Account:
    """Read every store as an administrator."""
    parked, twice = list[str](), list[str]()
    for service, database in DATABASE_OF.items():
        parked += [f"{row['topic']} at {service}, {row['error']}" for row in await _read(stack, database, PARKED)]
        twice += [f"audit {row['action']}" for row in await _read(stack, database, AUDITED_TWICE, ONCE)]
        twice += [f"event of {row['topic']}" for row in await _read(stack, database, PUBLISHED_TWICE)]
    return Account(
        submissions=await _read(stack, "intake", SUBMISSIONS),
        high=await _read(stack, "intake", HIGH),
        flagged=await _read(stack, "restricted", FLAGGED),
        flags=await _read(stack, "triage", FLAGS),
        sources=await _read(stack, "restricted", SOURCES),
        held=await _read(stack, "restricted", HELD),
        cases=await _read(stack, "triage", CASES),
        decisions=await _read(stack, "triage", DECISIONS),
        transfers=await _read(stack, "transfer", TRANSFERS),
        police=await _read_police(stack),
        parked=parked,
        twice=twice,
    )


async def _read(stack: LocalStack, database: str, query: str, *arguments: object) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(stack.admin_dsn(database))
    try:
        return [dict(row) for row in await connection.fetch(query, *arguments)]
    finally:
        await connection.close()


async def _read_police(stack: LocalStack) -> list[dict[str, Any]]:
    """Read the records of the police system through its own pages."""
    headers, records = {"authorization": f"Bearer {stack.keys.police_token}"}, list[dict[str, Any]]()
    async with web_session(stack.address("police"), headers=headers) as session:
        while True:
            after = records[-1]["number"] if records else 0
            async with session.get("/records", params={"after": after, "limit": 1_000}) as answer:
                page = (await answer.json())["records"]
            if not page:
                return [{**record, "record_ref": UUID(record["record_ref"])} for record in records]
            records += page
