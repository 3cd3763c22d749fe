"""One list of titles: a title alone is no leak, and a person named like a title is protected by the whole name."""

import pytest

from pipeline_shared.submission import Submission
from sanitiser_service.common_words import BARE_TITLES, TITLES
from sanitiser_service.domain import Hold, assess
from sanitiser_service.profile import protected_values
from sanitiser_service.sanitising import lexicons
from sanitiser_service.sanitising.findings import Who
from sanitiser_service.sanitising.persons import name_of
from tests.support.building import a_submission, an_agency, opened
from tests.unit.sanitiser.forms import goes_onward


def reasons_of(text: str, name: str) -> set[str]:
    outcome = assess(opened(a_submission(narrative=text, source={"kind": "person", "name": name})))
    return {reason.partition(":")[0] for reason in outcome.reasons} if isinstance(outcome, Hold) else set()


def protected(name: str) -> set[str]:
    submission: Submission = a_submission(source={"kind": "person", "name": name})
    return {one.value for one in protected_values(submission, an_agency()) if one.rule == "source.name.part"}


def test_there_is_one_list() -> None:
    assert lexicons.TITLES is TITLES
    assert BARE_TITLES <= TITLES


@pytest.mark.parametrize("title", sorted(TITLES))
def test_no_title_is_a_part_of_the_name_it_stands_before(title: str) -> None:
    name = f"{title.title()} Mary Doyle"
    assert protected(name) == {"Mary", "Doyle"}
    assert name_of(Who.SOURCE, name).parts == ("mary", "doyle")
    assert "left_over" not in reasons_of(f"A school {title} was there.", name)


@pytest.mark.parametrize("said", ["Mary", "Doyle", "Mary Doyle", "Nurse Doyle"])
def test_what_follows_a_title_is_protected(said: str) -> None:
    assert not goes_onward(f"A box stands with {said} all day.", name="Nurse Mary Doyle")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Emma Sheikh", {"Emma", "Sheikh"}),
        ("Kate Lord", {"Kate", "Lord"}),
        ("Dr. Nurse", {"Nurse"}),
        ("Sister Bishop", {"Bishop"}),
        ("Doyle, Mrs Mary", {"Doyle", "Mary"}),
        ("Rev. Canon Mary Doyle", {"Mary", "Doyle"}),
        ("Matron", {"Matron"}),
    ],
)
def test_a_name_keeps_a_title_that_ends_it(name: str, parts: set[str]) -> None:
    assert protected(name) == parts


@pytest.mark.parametrize(
    "name", ["Sister Bishop", "Rose Brown", "Will Young", "Emma Nurse", "Mark Green", "Faith Coach", "Grace Baker"]
)
def test_a_name_of_ordinary_words_is_protected_as_a_whole_and_in_capitals(name: str) -> None:
    given, family = name.split()
    assert not goes_onward(f"A box stands by {name} all day.", name=name)
    assert not goes_onward(f"A box stands by {family} all day.", name=name)
    assert not goes_onward(f"A box of {family}s stands there.", name=name)
    assert given


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Rose Brown", "A brown van of the rose garden stood there."),
        ("Will Young", "A young dog will bark there."),
        ("Sister Bishop", "A bishop on a chess board stood there."),
        ("Nurse Mary Doyle", "A school nurse was there."),
    ],
)
def test_an_ordinary_word_never_blocks_by_itself(name: str, text: str) -> None:
    assert "left_over" not in reasons_of(text, name)
