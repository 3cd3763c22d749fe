"""Forms that reveal their source in every spelling, and their way to a case or to the source desk."""

from typing import Any
from uuid import UUID

import asyncpg

from pipeline_simulators.browsing import Browser, Page
from pipeline_simulators.people import answers_on
from tests.support.building import a_form
from tests.support.canary import IDENTITY_FIELDS, plant
from tests.support.intake import Frontend, new_idempotency_key
from tests.support.journey import Databases
from tests.support.waiting import wait_for

FINDS = 60.0
FOR_A_PERSON = {"role", "relationship_to_subject"}  # words that others share are proposed, never replaced at once


def a_revealing_form(**changes: Any) -> dict[str, Any]:
    """Return a planted form with texts that name every AUTO value in its usual spellings."""
    seed = new_idempotency_key()
    form = plant(a_form(title="", **changes), seed)
    values = [
        form[part][field] for part, fields in IDENTITY_FIELDS.items() for field in fields if field not in FOR_A_PERSON
    ]
    form["title"] = f"{form['source']['name']} about Lee"
    form["narrative"] += " ".join(f"Seen by {value}, or {value}'s friend." for value in values)
    form["subjects"]["people"][0]["description"] = f"lodger of {form['source']['also_known_as']}"
    form["occurrence"] = {"place": form["source"]["address"], "note": form["submitter"]["name"]}
    return form


async def accepted(frontend: Frontend, databases: Databases, form: Any) -> asyncpg.Record:
    """Submit; return the row of the submission."""
    status, answer = await frontend.submit(form)
    assert status == 202
    query = "SELECT submission_ref, receipt FROM submission WHERE receipt = $1"
    (row,) = await databases["intake"].fetch(query, answer["receipt"])
    return row


async def found(connection: asyncpg.Connection, query: str, value: object) -> Any:
    """Return the value of a query once there is one."""
    return await wait_for(lambda: connection.fetchval(query, value), query, seconds=FINDS)


async def case_of(databases: Databases, submission: asyncpg.Record) -> UUID:
    source = "SELECT source_ref FROM source_record WHERE submission_ref = $1"
    source_ref = await found(databases["restricted"], source, submission["submission_ref"])
    return await found(databases["triage"], "SELECT case_id FROM triage_case WHERE source_ref = $1", source_ref)


async def held(frontend: Frontend, databases: Databases) -> UUID:
    """Submit a form that the sanitiser must hold, because a subject has the source's name; return its reference."""
    form = a_revealing_form()
    form["subjects"]["people"][0]["name"] = f"Lee {form['source']['name']}"
    form["narrative"] += f" The {form['source']['role']} said so, a {form['source']['relationship_to_subject']}."
    submission = await accepted(frontend, databases, form)
    query = "SELECT submission_ref FROM held WHERE submission_ref = $1"
    return await found(databases["restricted"], query, submission["submission_ref"])


async def fields_at(browser: Browser, path: str) -> dict[str, str]:
    """Return the fields of the form on a page, with every finding accepted."""
    answer = await browser.read(path)
    assert answer.status == 200
    page = Page.read(answer.text)
    return page.fields | answers_on(page)


async def send_form(browser: Browser, path: str, fields: dict[str, str]) -> None:
    answer = await browser.send(path, fields)
    assert answer.status == 303, [line for line in answer.text.splitlines() if 'href="#' in line]
