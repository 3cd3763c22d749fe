"""An ordinary week of a force: 200 invented submissions of its partners, always the same, in the order of `week.jsonl`.

Their texts are some of those on which the safety screen and the matcher are measured. No person in them exists.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import orjson

from pipeline_shared.language.vocabulary import AgencyCategory

FILE = Path(__file__).with_name("week.jsonl")
PARTNERS: Mapping[str, AgencyCategory] = {
    "Thornwick Academy": AgencyCategory.SCHOOL,
    "Calderbeck Council": AgencyCategory.COUNCIL,
    "Ropery Homes": AgencyCategory.HOUSING,
    "Aldermere Hospital": AgencyCategory.HEALTH,
    "Wayfarer Charities": AgencyCategory.CHARITY,
    "Millrace Business Watch": AgencyCategory.OTHER,
}


@dataclass(frozen=True, slots=True)
class PartnersReport:
    """One submission of the week: the agency whose frontend sends it, and its form.

    `high` tells whether its author meant that an officer must look at once.
    """

    agency: str
    form: dict[str, Any]
    high: bool


def week_of_reports(count: int) -> Iterator[PartnersReport]:
    """Yield `count` submissions in order; after the last one, the week begins again."""
    return islice(cycle(_the_week()), count)


@cache
def _the_week() -> tuple[PartnersReport, ...]:
    return tuple(PartnersReport(**orjson.loads(line)) for line in FILE.read_bytes().splitlines())
