"""The matcher finds the source in all its forms and leaves subjects; what is uncertain holds the submission."""

from typing import Any

import pytest

from sanitiser_service.matcher.findings import Band, Finding
from sanitiser_service.matcher.reasons import sentence_of
from sanitiser_service.matcher.sanitising import sanitise
from sanitiser_service.worker.domain import Clear, Hold, clear_or_hold
from tests.support.building import a_submission, an_agency, opened
from tests.unit.sanitiser.matched import narrative_of, submitted


def findings_in(text: str, **changes: Any) -> tuple[Finding, ...]:
    findings = sanitise(submitted(text, **changes), an_agency()).findings
    return tuple(finding for finding in findings if finding.path == "narrative")


def rules_over(text: str, words: str) -> set[str]:
    start = text.index(words)
    return {f.rule for f in findings_in(text) if f.start <= start and f.end >= start + len(words)}


@pytest.mark.parametrize(
    ("text", "words", "rule"),
    [
        ("We hear that Siobhan Entwistle saw the van.", "Siobhan Entwistle", "source.name"),
        ("It was Shiv who rang the council.", "Shiv", "source.name.nickname"),
        ("The note is from Shivawn at number six.", "Shivawn", "source.name.misspelling"),
        ("Seen by Mrs Entwhistle on the stairs.", "Entwhistle", "source.name.misspelling"),
        ("Seen by S. Entwistle on the stairs.", "S. Entwistle", "source.name.initials"),
        ("Nobody else was told of it. S.E", "S.E", "source.name.initials"),
        ("Written up by ENTWISTLE, Siobhan today.", "ENTWISTLE, Siobhan", "source.name"),
        ("Ring oh double seven double oh nine double oh one one eight.", "oh double seven", "source.phone"),
        ("Ring +44 (0)7700 900 118 after six.", "+44 (0)7700 900 118"[1:], "source.phone"),
        ("Her number ends 118 as before.", "118", "source.phone.part"),
        ("Mail shiv dot entwistle at post dot example dot org soon.", "shiv dot entwistle", "source.email.spelled"),
        ("Look for @shiv_entwistle on there.", "@shiv_entwistle", "source.handle"),
        ("She is at 27 Garnet St now.", "27 Garnet St", "source.address.first_line"),
        ("Post to BD72LP only.", "BD72LP", "source.address.postcode"),
        ("The HV smelt cannabis in the hall.", "HV", "source.role.similar"),
        ("The health visitor smelt cannabis.", "health visitor", "source.role"),
        ("Call it in through PBFH please.", "PBFH", "source.organisation.initials"),
        ("My husband Declan takes the messages.", "Declan", "other.relative"),
    ],
)
def test_a_form_of_the_sources_identity_is_found(text: str, words: str, rule: str) -> None:
    assert rule in rules_over(text, words)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Ryan Entwistle hid the knife.", "Ryan Entwistle"),
        ("Siobhan Kilbride drove the van.", "Siobhan Kilbride"),
        ("He deals at 31 Garnet Street.", "31 Garnet Street"),
        ("His number is 07700 900119.", "07700 900119"),
        ("It is a golden hub of activity.", "hub of activity"),
    ],
)
def test_what_only_looks_like_the_source_stays(text: str, kept: str) -> None:
    assert kept in narrative_of(text)


def test_a_name_shared_with_a_subject_row_is_pointed_at_and_never_replaced() -> None:
    text = "Entwistle keeps a shotgun in the loft."
    subjects = {"people": [{"name": "Ryan Entwistle"}]}
    assert narrative_of(text, subjects=subjects) == text
    assert "source.name.shared" in {finding.rule for finding in findings_in(text, subjects=subjects)}


def test_a_text_that_speaks_of_nobody_but_subjects_has_no_findings() -> None:
    assert findings_in("Lee Hargreaves keeps three dogs in the yard and sells lighters at the bus station.") == ()


@pytest.mark.parametrize(
    "text",
    [
        "She told me alone in my clinic and made me promise to keep it secret.",
        "I am the only one who has a key to that room.",
    ],
)
def test_what_only_the_source_could_know_is_pointed_at(text: str) -> None:
    assert any(finding.rule.startswith("cue.") and finding.band is Band.FLAG for finding in findings_in(text))


def test_a_sure_finding_alone_lets_a_submission_go_onward() -> None:
    text = "Lee Hargreaves sells lighters. Phone 07700 900118."
    outcome = clear_or_hold(opened(submitted(text)))
    assert isinstance(outcome, Clear)
    assert outcome.content.narrative == "Lee Hargreaves sells lighters. Phone [SOURCE CONTACT]."


def test_a_finding_that_is_not_sure_holds_it_with_a_reason_that_holds_no_text() -> None:
    outcome = clear_or_hold(opened(submitted("It was Shiv who saw the knife at noon.")))
    assert isinstance(outcome, Hold)
    assert "propose:source.name.nickname:narrative" in outcome.reasons
    assert not any("shiv" in reason.casefold() for reason in outcome.reasons)


def test_reasons_are_few_however_many_findings_there_are() -> None:
    assert len(clear_or_hold(opened(submitted("Shiv told me. " * 1000))).reasons) <= 40  # type: ignore[union-attr]


def test_every_rule_can_be_said_in_a_sentence() -> None:
    text = "I am Shiv, the HV at PBFH, and she told only me at the clinic in secret on Monday."
    assert all(sentence_of(finding.rule) for finding in findings_in(text))


@pytest.mark.parametrize(
    "seam",
    [
        "read",
        "names_in",
        "exact_in",
        "phones_in",
        "emails_in",
        "addresses_in",
        "organisations_in",
        "roles_in",
        "told_by",
        "telling_in",
        "resolve",
    ],
)
def test_a_failure_in_any_matcher_holds_the_submission(seam: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Siobhan Entwistle")

    monkeypatch.setattr(f"sanitiser_service.matcher.matching.{seam}", fail)
    telling = a_submission(narrative="She told me so when I came to fix the boiler.")
    assert clear_or_hold(opened(telling)) == Hold(("failed:RuntimeError",))
