"""Each cited rule of the field is in `docs/domain.md`, and each word of the glossary has one entry."""

import re
from collections import Counter

from tests.unit.docs.repository import paths, text_of

CODE = re.compile(r"\bD-[A-Z]\d+\b")
HEADING = re.compile(r"^#+ (D-[A-Z]\d+): \S", re.MULTILINE)
ENTRY = re.compile(r"^\| \*\*(.+?)\*\* \|", re.MULTILINE)


def defined() -> list[str]:
    return HEADING.findall(text_of("docs/domain.md"))


def repeated(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def test_every_rule_that_a_file_cites_is_defined() -> None:
    known = set(defined())
    undefined = {path: unknown for path in paths() if (unknown := set(CODE.findall(text_of(path))) - known)}
    assert undefined == {}


def test_no_rule_is_defined_twice() -> None:
    assert defined()
    assert repeated(defined()) == []


def test_no_word_of_the_glossary_has_two_entries() -> None:
    words = ENTRY.findall(text_of("docs/glossary.md"))
    assert words
    assert repeated([word.casefold() for word in words]) == []
