"""Titles: what stands before a name and is no part of it. The one list, for profile, matcher and leak check.

Two lists disagreed: "nurse" was a title in one and a name in the other. The same words mean different things on a form
and in a text, so each section of `titles.txt` says what its titles are in both.
"""

from collections.abc import Callable
from typing import TypeVar

from sanitiser_service.form.common_words import word_sets_of, words_of

T = TypeVar("T")
_SECTIONS = word_sets_of("titles.txt")
_STOP = "."


def _section(name: str) -> frozenset[str]:
    return frozenset(title.rstrip(_STOP) for title in _SECTIONS[name])


# Titles that nobody has as a name: they go wherever they stand in one.
BARE_TITLES = _section("nobodys_name")
# Titles that people have as given names, too: on a form they stay before a single name.
GIVEN_TITLES = _section("title_and_name") | _section("name_and_title")
# What is a title before a name in a text.
TITLES = BARE_TITLES | _section("title") | _section("title_and_name")
TITLE_WORDS = _section("words")
# What people write with a full stop that ends no sentence.
SHORTENED_TITLES = frozenset(
    title.rstrip(_STOP) for titles in _SECTIONS.values() for title in titles if title.endswith(_STOP)
)
ENDINGS = words_of("name_endings.txt")
_KEPT_BEFORE_ONE = GIVEN_TITLES | ENDINGS
_BEFORE_NAMES = TITLES | _KEPT_BEFORE_ONE


def without_titles(words: list[T], spelled: Callable[[T], str]) -> list[T]:
    """Return the words of a name, spelled in small letters, without its titles; one that ends a name is part of it."""
    named = [word for at, word in enumerate(words) if not (at and spelled(word) in ENDINGS)]
    kept = [word for word in named if spelled(word) not in BARE_TITLES] or named
    return kept[_titles_before([spelled(word) for word in kept]) :]


def with_plain_endings(name: str) -> str:
    """Return a name with degrees and the like as one word each: "Ph.D." as PhD, "BSc(Hons)" as two."""
    words = name.replace("(", " (").split()
    return " ".join(
        plain if (plain := word.replace(".", "").strip("(),")).casefold() in ENDINGS else word for word in words
    )


def titles_of(words: list[str]) -> list[str]:
    """Return the titles before a name that may be names, too."""
    kept = [word for word in words if word not in BARE_TITLES]
    return [word for word in kept[: len(kept) - len(without_titles(kept, str))] if word in _BEFORE_NAMES]


def _titles_before(words: list[str]) -> int:
    """Return how many words before a name are its titles."""
    count = 0
    while count < len(words) - 1 and (
        words[count] in _BEFORE_NAMES or (words[count] in TITLE_WORDS and _is_title_word(words[count + 1]))
    ):
        count += 1
    follow = sum(len(word) > 1 for word in words[count:])
    return count - (follow == 1 and count > 0 and words[count - 1] in _KEPT_BEFORE_ONE)


def _is_title_word(word: str) -> bool:
    return word in _BEFORE_NAMES or word in TITLE_WORDS
