"""The submissions that simulated frontends send: made up, of the week or from a file, each with an idempotency key."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import cycle
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import orjson

from pipeline_simulators.feed import Outgoing
from pipeline_simulators.fiction.submissions import MadeUp
from pipeline_simulators.fiction.week import PartnersReport


def outgoing_of(made_up: Iterable[MadeUp], api_keys: Mapping[str, str]) -> Iterator[Outgoing]:
    """Yield made-up submissions as each agency's frontend sends them, with new idempotency keys."""
    run = uuid4()
    for number, submission in enumerate(made_up):
        yield Outgoing(api_keys[submission.agency.name], _key(run, number), orjson.dumps(submission.form))


def outgoing_of_week(week: Iterable[PartnersReport], api_keys: Mapping[str, str]) -> Iterator[Outgoing]:
    """Yield the submissions of the week as each partner's frontend sends them, with new idempotency keys."""
    run = uuid4()
    for number, report in enumerate(week):
        yield Outgoing(api_keys[report.agency], _key(run, number), orjson.dumps(report.form))


def outgoing_from(file: Path, api_keys: Mapping[str, str]) -> Iterator[Outgoing]:
    """Yield the submissions of a file, one per line in the API's format, with the frontends in turn."""
    run = uuid4()
    with file.open("rb") as lines:
        forms = (line.strip() for line in lines)
        for number, (form, api_key) in enumerate(zip(filter(None, forms), cycle(api_keys.values()), strict=False)):
            yield Outgoing(api_key, _key(run, number), form)


def _key(run: UUID, number: int) -> str:
    return str(uuid5(run, str(number)))
