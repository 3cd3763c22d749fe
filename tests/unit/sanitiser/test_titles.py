"""One list of titles: a title alone is no leak, and a person named like a title is protected by the whole name."""

from collections import Counter

import pytest

from pipeline_shared.language.restricted import Submission
from sanitiser_service.form.common_words import lines_of
from sanitiser_service.form.profile import protected_values
from sanitiser_service.form.titles import (
    BARE_TITLES,
    ENDINGS,
    GIVEN_TITLES,
    SHORTENED_TITLES,
    TITLE_WORDS,
    TITLES,
    titles_of,
)
from sanitiser_service.matcher.findings import Who
from sanitiser_service.matcher.protection import name_of
from sanitiser_service.matcher.sanitising import sanitise
from sanitiser_service.worker.domain import Hold, clear_or_hold
from tests.support.building import a_submission, an_agency, opened
from tests.unit.sanitiser.forms import goes_onward


def reasons_of(text: str, name: str) -> set[str]:
    return {reason.partition(":")[0] for reason in rules_of(text, name)}


def rules_of(text: str, name: str) -> tuple[str, ...]:
    outcome = clear_or_hold(opened(a_submission(narrative=text, source={"kind": "person", "name": name})))
    return outcome.reasons if isinstance(outcome, Hold) else ()


def replaced(text: str, name: str) -> str:
    submission = a_submission(narrative=text, source={"kind": "person", "name": name})
    return sanitise(submission, an_agency()).content.narrative


def protected(name: str) -> set[str]:
    submission: Submission = a_submission(source={"kind": "person", "name": name})
    return {one.value for one in protected_values(submission, an_agency()) if one.rule == "source.name.part"}


def test_each_title_stands_once_in_the_one_list() -> None:
    listed = Counter(word.rstrip(".") for line in lines_of("titles.txt") if line[0] != "[" for word in line.split())
    assert max(listed.values()) == 1
    assert listed.keys() == TITLES | GIVEN_TITLES | TITLE_WORDS


@pytest.mark.parametrize("title", sorted(TITLES | GIVEN_TITLES))
def test_no_title_is_a_part_of_the_name_it_stands_before(title: str) -> None:
    name = f"{title.title()} Mary Doyle"
    assert protected(name) == {"Mary", "Doyle"}
    assert name_of(Who.SOURCE, name).parts == ("mary", "doyle")
    assert "left_over" not in reasons_of(f"A school {title} was there.", name)


@pytest.mark.parametrize(
    "titles",
    ["Head Teacher", "Staff Nurse", "Social Worker", "Deputy Head", "Foster Carer", "Key Worker", "Youth Worker",
     "Chief Constable", "Detective Chief Inspector", "Watch Manager", "Ward Sister", "Playgroup Leader",
     "Care Assistant", "Lunchtime Supervisor", "Vice Principal", "Acting Chief Fire Officer", "Practice Nurse",
     "Rt Hon Sir", "Lady Justice"],
)  # fmt: skip
def test_no_word_of_a_longer_title_is_a_part_of_the_name(titles: str) -> None:
    assert protected(f"{titles} Mary Doyle") == {"Mary", "Doyle"}
    assert name_of(Who.SOURCE, f"{titles} Mary Doyle").parts == ("mary", "doyle")


@pytest.mark.parametrize("ending", [*sorted(ENDINGS), "Ph.D.", "M.B.E.", "BSc (Hons)", "BSc(Hons), R.G.N.", "Jr."])
def test_what_stands_behind_a_name_is_no_part_of_it(ending: str) -> None:
    name = f"Mary Doyle {ending}"
    assert protected(name) == {"Mary", "Doyle"}
    assert name_of(Who.SOURCE, name).parts == ("mary", "doyle")


@pytest.mark.parametrize(
    "name",
    ["Ward Doyle", "Head Jones", "Foster Hill", "Dean Sykes", "Guru Singh", "King-Smith Mary", "Kate Ma", "JP Doyle"],
)
def test_a_title_that_is_somebodys_given_name_stays_protected(name: str) -> None:
    given = name.split(maxsplit=1)[0]
    assert not goes_onward(f"Boxes stand with {given} all day.", name=name)


@pytest.mark.parametrize(
    "name",
    ["Major Singh", "Sheikh Rashid", "Papa Diop", "Mama Jallow", "Canon Reid", "Colonel Bains", "Bishop Kelly",
     "Abbot Flynn", "Nurse Mary Doyle", "Judge Mary Doyle", "Pastor Cole", "Imam Rafiq", "Coach Hill", "Deacon Frye",
     "Father Brady", "Captain Hale", "Prince Mensah", "Earl Grant", "Duke Marsh", "Dean Michael Sykes", "Baba Osei",
     "Mayor Lunt", "Chief Adewale", "Auntie Bose", "Matron Pike"],
)  # fmt: skip
def test_a_title_that_stands_as_a_name_is_pointed_at(name: str) -> None:
    title = name.split(maxsplit=1)[0]
    for text in ("Boxes stand with {} all day.", "Boxes of {} stand there.", "They met {}.", "{} said so."):
        assert not goes_onward(text.format(title), name=name), text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Major Singh", "A major road runs there."),
        ("Canon Reid", "A canon of boxes stands there."),
        ("Abbot Flynn", "The abbot house has boxes."),
        ("Pastor Cole", "Boxes for Pastor Khan stood there."),
        ("Judge Mary Doyle", "Boxes for Judge Khan stood there."),
        ("Head Mary Doyle", "The head of the snake lies there."),
        ("Coach Hill", "A coach stands there."),
    ],
)
def test_a_title_as_a_word_or_before_another_name_points_at_nobody(name: str, text: str) -> None:
    assert not [rule for rule in rules_of(text, name) if "source.name" in rule]


def test_a_title_behind_a_given_name_is_somebodys_family_name() -> None:
    text = "Karen Porter keeps boxes."
    assert "propose" not in reasons_of(text, "Karen Quillfeather")
    assert titles_of(["dr", "judge", "mary", "doyle"]) == ["judge"]


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


@pytest.mark.parametrize("title", sorted(TITLES - SHORTENED_TITLES | {f"{one}." for one in SHORTENED_TITLES}))
def test_a_title_goes_with_the_name_behind_it(title: str) -> None:
    assert (
        replaced(f"Boxes stand with {title.title()} Doyle all day.", "Karen Doyle")
        == "Boxes stand with [SOURCE] all day."
    )


@pytest.mark.parametrize("title", sorted(GIVEN_TITLES))
def test_a_given_name_that_is_a_title_on_the_form_is_one_in_the_text(title: str) -> None:
    text = f"Boxes stand with {title.title()} Doyle all day."
    assert replaced(text, f"{title.title()} Karen Doyle") == "Boxes stand with [SOURCE] all day."


@pytest.mark.parametrize("given", sorted(GIVEN_TITLES - TITLES))
def test_a_given_name_that_is_a_title_on_no_form_is_somebodys(given: str) -> None:
    text = f"Boxes stand with {given.title()} Doyle all day."
    assert replaced(text, "Karen Doyle") == text


@pytest.mark.parametrize("title", sorted(BARE_TITLES - {"rev'd"}))
def test_a_name_run_together_with_a_title_is_pointed_at(title: str) -> None:
    assert "flag:source.name.joined:narrative" in rules_of(f"Boxes for {title}doyle stand there.", "Karen Doyle")


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
