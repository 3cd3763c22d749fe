"""Titles before names: one list for the profile, the matcher and the leak check.

There used to be two lists, and they disagreed: "nurse" was a title in one and a name in the other. A word may be a
title on a form and a name in a text, so each section of `titles.txt` states the meaning of its titles in both.
"""

from collections.abc import Callable
from typing import TypeVar

from sanitiser_service.form.common_words import word_sets_of, words_of

T = TypeVar("T")
_SECTIONS = word_sets_of("titles.txt")
_STOP = "."


def _section(name: str) -> frozenset[str]:
    return frozenset(title.rstrip(_STOP) for title in _SECTIONS[name])


# Titles that are never names: removed from a name wherever they stand in it.
BARE_TITLES = _section("nobodys_name")
# Titles that are also given names: on a form they stay before a single name.
GIVEN_TITLES = _section("title_and_name") | _section("name_and_title")
# Words that are titles before a name in a text.
TITLES = BARE_TITLES | _section("title") | _section("title_and_name")
TITLE_WORDS = _section("words")
# Titles written with a full stop, which does not end a sentence.
SHORTENED_TITLES = frozenset(
    title.rstrip(_STOP) for titles in _SECTIONS.values() for title in titles if title.endswith(_STOP)
)
ENDINGS = words_of("name_endings.txt")
_KEPT_BEFORE_ONE = GIVEN_TITLES | ENDINGS
_BEFORE_NAMES = TITLES | _KEPT_BEFORE_ONE


def without_titles(words: list[T], spelled: Callable[[T], str]) -> list[T]:
    """Return the words of a name without its titles; `spelled` gives a word in small letters.

    A title at the end of a name is part of the name.
    """
    named = [word for at, word in enumerate(words) if not (at and spelled(word) in ENDINGS)]
    kept = [word for word in named if spelled(word) not in BARE_TITLES] or named
    return kept[_titles_before([spelled(word) for word in kept]) :]


def with_plain_endings(name: str) -> str:
    """Return a name with degrees and similar endings as plain words: "Ph.D." as PhD, "BSc(Hons)" as two words."""
    words = name.replace("(", " (").split()
    return " ".join(
        plain if (plain := word.replace(".", "").strip("(),")).casefold() in ENDINGS else word for word in words
    )


def titles_of(words: list[str]) -> list[str]:
    """Return the titles before a name that can also be names."""
    kept = [word for word in words if word not in BARE_TITLES]
    return [word for word in kept[: len(kept) - len(without_titles(kept, str))] if word in _BEFORE_NAMES]


def _titles_before(words: list[str]) -> int:
    """Return the number of words before a name that are titles."""
    count = 0
    while count < len(words) - 1 and (
        words[count] in _BEFORE_NAMES or (words[count] in TITLE_WORDS and _is_title_word(words[count + 1]))
    ):
        count += 1
    follow = sum(len(word) > 1 for word in words[count:])
    return count - (follow == 1 and count > 0 and words[count - 1] in _KEPT_BEFORE_ONE)


def _is_title_word(word: str) -> bool:
    return word in _BEFORE_NAMES or word in TITLE_WORDS
