"""What the intelligence unit wrote in `data/`: words, concepts and rules, read once and refused unless it makes sense.

A phrase is a line of elements. `knife|knives` is one of several words, `stab+` a word with its usual endings,
`@victim` a class of words, `#child` a kind of number, `_3` up to three words of any kind; `?` makes one optional.
Nothing in a phrase repeats without a bound, so that reading a text takes time in proportion to its length.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from intake_service.screening.tree import LONGEST_GAP, Node, Start, starts_of
from pipeline_shared.language.vocabulary import SafetyReason

DATA = Path(__file__).parent / "data"
WORD = re.compile(r"[a-z]+\+?|\d+|\(")
NUMBERS = frozenset({"#number", "#small", "#child", "#adult", "#old", "#past"})


class LexiconError(Exception):
    """The lexicon cannot be trusted; says where and why."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")


class Quiet(StrEnum):
    """What can take the force from a phrase."""

    NEGATION = "negation"
    PAST = "past"
    FRAME = "frame"


class _Concept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    phrases: str
    keeps: frozenset[Quiet] = frozenset()
    masks: bool = False


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$")]
    reason: SafetyReason
    of: Annotated[list[str], Field(min_length=1)]
    least: Annotated[int, Field(ge=1)] | None = None
    near: Annotated[int, Field(ge=1, le=80)] = 20
    unless: list[str] = []
    certain: Annotated[bool, Field(strict=True)] = False
    terse: Annotated[bool, Field(strict=True)] = False
    explains: Annotated[bool, Field(strict=True)] = True


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, Field(min_length=1)]
    owner: Annotated[str, Field(min_length=1)]
    weighed: Annotated[bool, Field(strict=True)] = True
    words: dict[str, str] = {}
    spellings: dict[str, str] = {}
    concepts: dict[str, str | _Concept] = {}
    rules: list[_Rule] = []


@dataclass(frozen=True, slots=True)
class Rule:
    """Fires where at least so many of its groups of concepts meet within so many words; it needs one of `needs`."""

    id: str
    reason: SafetyReason
    groups: tuple[frozenset[str], ...]
    least: int
    near: int
    unless: frozenset[str]
    needs: frozenset[str]
    certain: bool  # HIGH whatever the weights say
    terse: bool  # the same, but only where the whole text has few words
    weighed: bool  # not so in a file that is for terse notes alone
    explains: bool  # not so when its phrases are words that stand everywhere

    def may_fire(self, present: frozenset[str]) -> bool:
        """Tell whether enough groups have a concept that is present at all."""
        if self.needs.isdisjoint(present):
            return False  # as for most rules: one look instead of several
        return sum(not group.isdisjoint(present) for group in self.groups) >= self.least


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything the screen knows."""

    starts: dict[str, Start]
    keeps: dict[str, frozenset[Quiet]]
    masking: frozenset[str]
    weighed: frozenset[str]  # the concepts that the learned part weighs
    of_longer: "Lexicon | None"  # without what is only for terse notes, to read nothing in vain
    rules: tuple[Rule, ...]
    spellings: dict[str, str]
    words: dict[str, frozenset[str]]


def load_lexicon(folder: Path = DATA) -> Lexicon:
    """Return the lexicon in a folder's files; raise LexiconError."""
    return build_lexicon({path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.yaml"))})


def build_lexicon(texts: dict[str, str]) -> Lexicon:
    """Return the lexicon that files' texts make together; raise LexiconError."""
    files = {name: _read(name, text) for name, text in texts.items()}
    weighed = {name: file for name, file in files.items() if file.weighed}
    return _build(files, _build(weighed) if len(weighed) < len(files) else None)


def _build(files: dict[str, _File], of_longer: Lexicon | None = None) -> Lexicon:
    words = _words(_merge((name, file.words) for name, file in files.items()))
    concepts = {
        name: _Concept(phrases=concept) if isinstance(concept, str) else concept
        for name, concept in _merge((name, file.concepts) for name, file in files.items()).items()
    }
    return Lexicon(
        starts=starts_of(_tree(concepts, words)),
        keeps={name: concept.keeps for name, concept in concepts.items()},
        masking=frozenset(name for name, concept in concepts.items() if concept.masks),
        weighed=frozenset(name for file in files.values() if file.weighed for name in file.concepts),
        of_longer=of_longer,
        rules=_rules([(rule, file.weighed) for file in files.values() for rule in file.rules], frozenset(concepts)),
        spellings=_merge((name, file.spellings) for name, file in files.items()),
        words=words,
    )


def _read(name: str, text: str) -> _File:
    try:
        return _File.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as error:
        raise LexiconError(name, str(error)) from error


def _merge(parts: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for name, part in parts:
        if twice := merged.keys() & part.keys():
            raise LexiconError(name, f"defined twice: {sorted(twice)}")
        merged |= part
    return merged


def _words(classes: dict[str, str]) -> dict[str, frozenset[str]]:
    known: dict[str, frozenset[str]] = {}
    for name, text in classes.items():  # a class may use those before it
        known[name] = frozenset(word for part in text.split() for word in _spell_out(name, part, known))
    return known


def _tree(concepts: dict[str, _Concept], words: dict[str, frozenset[str]]) -> Node:
    root = Node()
    for name, concept in concepts.items():
        for phrase in concept.phrases.splitlines():
            for elements in _without_optional(name, phrase):
                node = root
                for element in elements:
                    node = node.follow(element, _spell_out(f"{name}: {phrase}", element, words))
                if name not in node.ends:
                    node.ends.append(name)
    return root


def _without_optional(name: str, phrase: str) -> Iterator[tuple[str, ...]]:
    """Yield a phrase's elements with and without each that is optional."""
    choices = [(element[:-1], "") if element.endswith("?") else (element,) for element in phrase.split()]
    for chosen in product(*choices):
        elements = tuple(element for element in chosen if element)
        if not elements or elements[0].startswith("_") or elements[-1].startswith("_"):
            raise LexiconError(name, f"a phrase begins and ends with a word: {phrase!r}")
        yield elements


def _spell_out(where: str, element: str, known: dict[str, frozenset[str]]) -> frozenset[str]:
    """Return every word that an element stands for; none for a gap."""
    if element.startswith("_"):
        if not element[1:].isdigit() or int(element[1:]) > LONGEST_GAP:
            raise LexiconError(where, f"no gap: {element}")
        return frozenset()
    words: set[str] = set()
    for option in element.split("|"):
        if option.startswith("@"):
            if option[1:] not in known:
                raise LexiconError(where, f"no class of words: {option}")
            words |= known[option[1:]]
        elif option not in NUMBERS and not WORD.fullmatch(option):
            raise LexiconError(where, f"can never be a word of a text: {option}")
        else:
            words |= endings(option[:-1]) if option.endswith("+") else {option}
    return frozenset(words)


def endings(word: str) -> set[str]:
    """Return a word with its usual endings; some that nobody writes do no harm."""
    stem = word.removesuffix("e")
    forms = {
        word,
        word + "s",
        word + "es",
        word + "ing",
        word + "in",
        word + "ed",
        stem + "ing",
        stem + "in",
        stem + "ed",
    }
    if word.endswith("y"):
        return forms | {stem[:-1] + "ies", stem[:-1] + "ied"}
    return forms | {word + word[-1] + ending for ending in ("ed", "ing", "in")}


def _rules(rows: list[tuple[_Rule, bool]], concepts: frozenset[str]) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for row, weighed in rows:
        groups = tuple(frozenset(group.split("|")) for group in row.of)
        unless = frozenset(row.unless)
        if unknown := (unless | frozenset().union(*groups)) - concepts:
            raise LexiconError(row.id, f"no concept: {sorted(unknown)}")
        if any(rule.id == row.id for rule in rules):
            raise LexiconError(row.id, "defined twice")
        least = row.least or len(groups)
        if least > len(groups):
            raise LexiconError(row.id, "more wanted than there are groups")
        if (row.certain or row.terse) and least < len(groups):
            raise LexiconError(row.id, "a rule that is certain wants all its groups")
        needs = frozenset().union(*groups[: len(groups) - least + 1])
        flags = {"certain": row.certain, "terse": row.terse, "weighed": weighed, "explains": row.explains}
        rules.append(Rule(row.id, row.reason, groups, least, row.near, unless, needs, **flags))
    return tuple(rules)
