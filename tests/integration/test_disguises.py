"""A source in disguise through the running pipeline: what shows it is taken out or held for a person."""

import pytest

from tests.support.building import a_form
from tests.support.flags import HELD, SUBMISSION, Databases
from tests.support.intake import Frontend
from tests.support.waiting import wait_for

SOURCE = "SELECT source_ref FROM source_record WHERE submission_ref = $1"
CONTENT = "SELECT content::text FROM triage_case WHERE source_ref = $1"


SURNAME = "Zqorvexilname"  # the canary's mark is a name here, so the later search finds any trace of it
DISGUISED = {
    "nickname": "Mags has seen it.",
    "misspelling": "Mrs Zqorvexillname has seen it.",
    "initials": "M.Z. has seen it.",
    "employer": "Somebody who works for Brambleford has seen it.",
    "role": "The housing officer has seen it.",
    "phone in words": "Ring oh seven seven double oh nine double oh one one eight.",
    "e-mail spelled out": "Write to m dot zqorvexilname at post dot example dot org.",
    "part of the phone": "Her number ends 900118.",
}


@pytest.mark.parametrize("disguise", DISGUISED)
async def test_what_shows_the_source_in_disguise_is_taken_out_or_held_for_a_person(
    frontend: Frontend, databases: Databases, disguise: str
) -> None:
    form = a_form(
        narrative=f"A white van stands outside number 31. {DISGUISED[disguise]}",
        source={
            "kind": "person",
            "name": f"Margaret {SURNAME}",
            "phone": "07700 900118",
            "email": f"m.{SURNAME.lower()}@post.example.org",
        },
        submitter={"name": "Colin Adeyemi", "role": "housing officer", "organisation": "Brambleford Homes"},
    )
    status, answer = await frontend.submit(form)
    assert status == 202
    ref = await databases["intake"].fetchval(SUBMISSION, answer["receipt"])

    async def arrived() -> str | None:
        held = await databases["restricted"].fetchval(HELD, ref)
        source_ref = await databases["restricted"].fetchval(SOURCE, ref)
        return held or await databases["triage"].fetchval(CONTENT, source_ref)

    found = await wait_for(arrived, "the submission, held or as a case") or ""
    said = DISGUISED[disguise].split()[-1] if disguise.startswith("phone") else "900118"
    assert found == "waiting" or (said not in found and "[SOURCE CONTACT]" in found)
