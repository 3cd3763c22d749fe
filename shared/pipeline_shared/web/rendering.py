"""Templates into HTML: escaping is always on, and text from people is isolated from our own words.

`| bdi` isolates a person's text, so that right-to-left or control characters in it cannot reorder the page around it.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

import govuk_frontend_jinja
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, Undefined
from markupsafe import Markup

from pipeline_shared.language.local_time import LOCAL_TIME
from pipeline_shared.language.when import When

HERE = Path(__file__).parent
MACROS = Path(govuk_frontend_jinja.__file__).parent / "templates"


class UnprintableUndefined(Undefined):
    """A template may test a missing name, but printing it is an error."""

    __str__ = Undefined._fail_with_undefined_error  # noqa: SLF001 - jinja2's own way  # pyright: ignore[reportAssignmentType]


def create_environment(package: Path) -> Environment:
    """Return the environment of the pages in a package: the templates of its capabilities, and the shared ones.

    `cases/case.html` is the file `cases/templates/case.html` of the package, so a new capability registers nothing.
    """
    folders = {folder.parent.name: folder for folder in package.glob("*/templates")}
    prefixes = {name: FileSystemLoader(folder) for name, folder in (folders | {"govuk_frontend_jinja": MACROS}).items()}
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(HERE / "templates"), PrefixLoader(prefixes)]),
        autoescape=True,  # for every template, with any file name
        auto_reload=False,
        undefined=UnprintableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(bdi=bdi, day=day, moment=moment, when=when)
    return environment


def bdi(text: object) -> Markup:
    """Return a person's text escaped and isolated."""
    return Markup("<bdi>{}</bdi>").format(text)


def day(value: date) -> str:
    """Return a date as GOV.UK writes it: 24 November 2026."""
    return f"{value.day} {value:%B %Y}"


def moment(value: datetime) -> str:
    """Return a time for readers in the UK: 24 November 2026, 14:05 GMT (or BST)."""
    try:
        local = value.astimezone(LOCAL_TIME)
    except OverflowError:  # at the edge of the calendar: shown unchanged, because a page must not fail for it
        local = value
    return f"{day(local)}, {local:%H:%M}\u00a0{local:%Z}"


def when(value: When) -> str:
    """Return a time as exactly as it is known: 24 November 2026, evening."""
    if value.exact:
        return moment(value.exact)
    if value.day and value.month:
        text = day(date(value.year, value.month, value.day))
        return f"{text}, {value.part}" if value.part else text
    return f"{date(value.year, value.month, 1):%B %Y}" if value.month else str(value.year)


def days(passed: timedelta) -> str:
    """Return an age that is known in whole days only."""
    return "today" if passed.days < 1 else f"{passed.days} day{'s' if passed.days > 1 else ''}"


def age(passed: timedelta) -> str:
    """Return a duration in its largest unit, as people say it."""
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        count = passed // length
        if count >= 1:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"
