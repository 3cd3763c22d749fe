"""Makes submissions in the API's format. The same seed and number always give the same submission."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from pipeline_shared.language.restricted import SourceKind
from pipeline_shared.language.vocabulary import AgencyCategory, Answer, Category, KnownHow
from pipeline_simulators.fiction.people import Teller, Trade, somebody, teller
from pipeline_simulators.fiction.scenes import CLOSINGS, DETAILS, GIVEAWAYS, OPENINGS, RUMOURS, TITLES
from pipeline_simulators.fiction.words import POSTCODES, SPOTS, STREETS, TOWNS, VEHICLES, WHEN

LATEST = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
DAYS_BACK = 60


@dataclass(frozen=True, slots=True)
class MadeUpAgency:
    """An invented partner agency with its own portal frontend, and the trades of its staff."""

    name: str
    category: AgencyCategory
    domain: str
    trades: tuple[Trade, ...]


AGENCIES = (
    MadeUpAgency(
        "Thornwick Academy",
        AgencyCategory.SCHOOL,
        "thornwick.example.org",
        (Trade("school", ("safeguarding lead", "head of year", "pastoral tutor", "attendance officer")),),
    ),
    MadeUpAgency(
        "Calderbeck Council",
        AgencyCategory.COUNCIL,
        "calderbeck.example.org",
        (
            Trade("council", ("community safety warden", "licensing inspector", "youth worker")),
            Trade("housing", ("housing officer", "caretaker", "tenancy adviser")),
        ),
    ),
    MadeUpAgency(
        "Aldermere Hospital",
        AgencyCategory.HEALTH,
        "aldermere.example.org",
        (Trade("health", ("charge nurse", "midwife", "paramedic", "ward receptionist")),),
    ),
)


class Flaw(StrEnum):
    """Deliberate flaws of a made-up text."""

    NONE = "none"
    NAMES_SOURCE = "names_source"
    HIDDEN_SURNAME = "hidden_surname"
    SHARED_SURNAME = "shared_surname"


# Cumulative shares: 1.5 % and 1.5 % must be held, and 5 % give the sanitiser work.
FLAW_UP_TO = ((0.015, Flaw.HIDDEN_SURNAME), (0.03, Flaw.SHARED_SURNAME), (0.08, Flaw.NAMES_SOURCE), (1.0, Flaw.NONE))
CATEGORIES = tuple(Category)
CATEGORY_WEIGHTS = (12, 22, 8, 9, 9, 6, 4, 1, 10, 13, 6)
HOW_KNOWN = tuple(KnownHow)
HOW_KNOWN_OF_OTHERS = tuple(KnownHow)[1:]
ANSWERS = (Answer.NO, Answer.NOT_KNOWN, Answer.YES)


@dataclass(frozen=True, slots=True)
class MadeUp:
    """One made-up submission: its agency, its form, and its deliberate flaw."""

    agency: MadeUpAgency
    form: dict[str, Any]
    flaw: Flaw


def made_up_submissions(count: int, seed: int = 1) -> Iterator[MadeUp]:
    """Yield `count` submissions, from the agencies in turn."""
    for number in range(count):
        yield make_up(AGENCIES[number % len(AGENCIES)], random.Random(f"{seed}:{number}"))  # noqa: S311 - no secret


def make_up(agency: MadeUpAgency, dice: random.Random) -> MadeUp:
    """Return one submission of an agency."""
    who_tells = teller(dice, agency.name, trade=dice.choice(agency.trades), domain=agency.domain)
    (category,) = dice.choices(CATEGORIES, CATEGORY_WEIGHTS)
    roll = dice.random()
    flaw = next(flaw for most, flaw in FLAW_UP_TO if roll < most)
    is_rumour = flaw is Flaw.NONE and dice.random() < 0.07  # noqa: PLR2004 - about one in fourteen
    subjects = {} if is_rumour else _subjects(dice, category)
    if flaw is Flaw.SHARED_SURNAME:
        subjects["people"] = [*subjects.get("people", []), somebody(dice, last=who_tells.surname, tag="witness")]
    form = {
        "submitter": who_tells.submitter,
        "source": who_tells.source,
        "known_how": _known_how(dice, who_tells, is_rumour=is_rumour),
        "title": dice.choice(TITLES[category]),
        "narrative": _narrative(dice, category, subjects=subjects, who_tells=who_tells, flaw=flaw),
        "category": category.value,
        "occurrence": _occurrence(dice),
        "subjects": subjects,
        "risk": _risk(dice, category),
    }
    return MadeUp(agency, form, flaw)


def _known_how(dice: random.Random, who_tells: Teller, *, is_rumour: bool) -> str:
    if is_rumour:
        return KnownHow.TOLD_SECOND_HAND.value
    own = who_tells.source["kind"] == SourceKind.OWN_OBSERVATION
    choice = dice.choices(HOW_KNOWN, (80, 5, 5, 10)) if own else dice.choices(HOW_KNOWN_OF_OTHERS, (60, 25, 15))
    return choice[0].value


def _subjects(dice: random.Random, category: Category) -> dict[str, Any]:
    subjects: dict[str, Any] = {}
    if people := _people(dice, category):
        subjects["people"] = people
    if dice.random() < 0.6:  # noqa: PLR2004
        subjects["places"] = [{"description": _address(dice), "postcode": _postcode(dice)}]
    if dice.random() < 0.35:  # noqa: PLR2004
        subjects["vehicles"] = [{"registration": _registration(dice), "description": dice.choice(VEHICLES)}]
    if dice.random() < 0.2:  # noqa: PLR2004
        subjects["phones"] = [{"number": f"07700 900{''.join(dice.choices('56789', k=3))}", "note": "seen on a screen"}]
    return subjects


def _people(dice: random.Random, category: Category) -> list[dict[str, Any]]:
    (number,) = dice.choices((0, 1, 2, 3), (12, 38, 38, 12))
    about_a_child = category is Category.CHILD_EXPLOITATION
    tags = ("victim", "suspect", "other") if about_a_child else ("suspect", "victim", "other")
    return [
        somebody(dice, tag=tags[n] if dice.random() < 0.7 else "", child=about_a_child and n == 0)  # noqa: PLR2004
        for n in range(number)
    ]


def _narrative(
    dice: random.Random, category: Category, *, subjects: dict[str, Any], who_tells: Teller, flaw: Flaw
) -> str:
    rumour = not subjects
    sentences = [dice.choice(RUMOURS if rumour else OPENINGS[category])]
    sentences += dice.sample(DETAILS, 0 if rumour else dice.randint(1, 6))
    sentences.append(dice.choice(CLOSINGS))
    if flaw is Flaw.NAMES_SOURCE:
        sentences.insert(1, dice.choice(GIVEAWAYS))
    if flaw is Flaw.HIDDEN_SURNAME:
        sentences.append("The note on the door was signed the{squeezed}household.")
    return " ".join(filter(None, (_fill(dice, sentence, subjects, who_tells) for sentence in sentences)))


def _fill(dice: random.Random, sentence: str, subjects: dict[str, Any], who_tells: Teller) -> str:
    people = [person["name"] for person in subjects.get("people", [])]
    vehicles = [vehicle["description"] for vehicle in subjects.get("vehicles", [])]
    when = dice.choice(WHEN)
    text = sentence.format(
        who=people[0] if people else "a man of about thirty",
        other=people[1] if len(people) > 1 else "a younger woman",
        spot=dice.choice(SPOTS),
        when=when,
        when_=when[:1].upper() + when[1:],
        vehicle=vehicles[0] if vehicles else dice.choice(VEHICLES),
        squeezed=who_tells.surname,
        **who_tells.mentions,
    )
    return text[:1].upper() + text[1:]


def _occurrence(dice: random.Random) -> dict[str, str]:
    if dice.random() < 0.2:  # noqa: PLR2004
        return {}
    began = LATEST - timedelta(minutes=15 * dice.randint(0, DAYS_BACK * 96))
    occurrence = {"began_at": began.isoformat(), "place": dice.choice(SPOTS)}
    if dice.random() < 0.3:  # noqa: PLR2004
        occurrence["ended_at"] = (began + timedelta(minutes=15 * dice.randint(1, 16))).isoformat()
    return occurrence


def _risk(dice: random.Random, category: Category) -> dict[str, str]:
    def answer(yes: int) -> str:
        return dice.choices(ANSWERS, (55, 45 - yes // 2, yes))[0].value

    return {
        "immediate_danger": answer(4),
        "child_at_risk": answer(70 if category is Category.CHILD_EXPLOITATION else 6),
        "adult_at_risk": answer(40 if category in {Category.DOMESTIC_ABUSE, Category.MODERN_SLAVERY} else 8),
        "weapon": answer(60 if category is Category.WEAPONS else 4),
        "missing_person": answer(8 if category is Category.CHILD_EXPLOITATION else 1),
    }


def _address(dice: random.Random) -> str:
    return f"{dice.randint(1, 180)} {dice.choice(STREETS)}, {dice.choice(TOWNS)}"


def _postcode(dice: random.Random) -> str:
    return f"{dice.choice(POSTCODES)} {dice.randint(1, 9)}{dice.choice('ABDEFGH')}{dice.choice('JLNPQRS')}"


def _registration(dice: random.Random) -> str:
    return f"Y{dice.choice('ABCDEFGH')}{dice.randint(10, 26)} {''.join(dice.choices('BCDFGHJKLMNPRSTVW', k=3))}"
