"""Invented people: submitters and sources (to be protected), and subjects."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pipeline_simulators.fiction.words import (
    ALIASES,
    DESCRIPTIONS,
    FIRST,
    LAST,
    RELATIONSHIPS,
    SOURCE_FIRST,
    SOURCE_LAST,
    SOURCE_POSTCODES,
    SOURCE_STREETS,
    TOWNS,
)

NEWEST_ADULT, NEWEST_CHILD = date(2005, 1, 1), date(2012, 1, 1)


@dataclass(frozen=True, slots=True)
class Trade:
    """A line of work, and the roles people have in it."""

    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Teller:
    """The submitter and source of one submission as on the form, and the ways a careless text would name them."""

    submitter: dict[str, Any]
    source: dict[str, Any]
    surname: str
    mentions: dict[str, str]


def teller(dice: random.Random, agency: str, *, trade: Trade, domain: str) -> Teller:
    """Return a submitter and a source: the same person, or two."""
    (first, other_first), (last, other_last) = dice.sample(SOURCE_FIRST, 2), dice.sample(SOURCE_LAST, 2)
    role, name = dice.choice(trade.roles), f"{first} {last}"
    submitter = {
        "name": name,
        "role": role,
        "organisation": agency,
        "phone": f"0113 496 0{dice.randint(0, 999):03}",
        "email": f"{first[0]}.{last}@{domain}".lower(),
    }
    own = dice.random() < 0.45  # noqa: PLR2004 - professionals' own observations
    source = {"kind": "own_observation"} if own else _person(dice, f"{other_first} {other_last}")
    spoke_first, spoke_last = (first, last) if own else (other_first, other_last)
    mentions = {
        "source": f"{spoke_first} {spoke_last}",
        "source_first": spoke_first,
        "source_last": spoke_last,
        "submitter": name,
        "submitter_role": role,
        "submitter_phone": submitter["phone"],
        "agency": agency,
    }
    return Teller(submitter, source, spoke_last, mentions)


def _person(dice: random.Random, name: str) -> dict[str, Any]:
    house, street, town = dice.randint(201, 260), dice.choice(SOURCE_STREETS), dice.choice(TOWNS)
    source: dict[str, Any] = {
        "kind": "person",
        "wishes_anonymity": dice.random() < 0.7,  # noqa: PLR2004
        "name": name,
        "phone": f"07700 900{''.join(dice.choices('01234', k=3))}",
        "address": f"{house} {street}, {town}, {dice.choice(SOURCE_POSTCODES)} {dice.randint(1, 9)}ZZ",
        "relationship_to_subject": dice.choice(RELATIONSHIPS),
    }
    if dice.random() < 0.1:  # noqa: PLR2004
        source["vehicle_registration"] = f"QS{dice.randint(10, 26)} {''.join(dice.choices('XZ', k=3))}"
    return source


def somebody(dice: random.Random, *, last: str = "", tag: str = "", child: bool = False) -> dict[str, Any]:
    """Return a person as a subject of a submission."""
    person: dict[str, Any] = {"name": f"{dice.choice(FIRST)} {last or dice.choice(LAST)}"}
    if alias := dice.choice(ALIASES):
        person["also_known_as"] = alias
    if description := dice.choice(DESCRIPTIONS):
        person["description"] = description
    if dice.random() < 0.3:  # noqa: PLR2004
        newest = NEWEST_CHILD if child else NEWEST_ADULT
        person["date_of_birth"] = (newest - timedelta(days=dice.randint(0, 1_500 if child else 15_000))).isoformat()
    else:
        person["approximate_age"] = dice.randint(11, 16) if child else dice.randint(18, 60)
    if tag:
        person["tags"] = [tag]
    return person
