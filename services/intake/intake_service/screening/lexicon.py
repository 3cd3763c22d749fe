"""The lexicon: words, concepts and rules that the intelligence unit wrote in `data/`.

The files are read once, when the code is loaded. An invalid file is refused. `phrases.py` explains how phrases are
written.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from intake_service.screening.phrases import spell_out, without_optional
from intake_service.screening.tree import Node, Start, starts_of
from pipeline_shared.language.vocabulary import SafetyReason
from pipeline_shared.text.lexicon import LexiconError

DATA = Path(__file__).parent / "data"
AnyModel = TypeVar("AnyModel", bound=BaseModel)


class Quiet(StrEnum):
    """The contexts that can make a phrase harmless."""

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
    """Fires where at least `least` of its groups of concepts occur within `near` words, one of them in `needs`."""

    id: str
    reason: SafetyReason
    groups: tuple[frozenset[str], ...]
    least: int
    near: int
    unless: frozenset[str]
    needs: frozenset[str]
    certain: bool  # at least SOON without regard to the weights
    terse: bool  # the same, but only in a text of few words
    weighed: bool  # false in a file for terse notes only
    explains: bool  # false when its phrases are everyday words

    def may_fire(self, present: frozenset[str]) -> bool:
        """Tell whether enough groups have a concept that is present."""
        if self.needs.isdisjoint(present):
            return False  # the usual case, decided with a single check
        return sum(not group.isdisjoint(present) for group in self.groups) >= self.least


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words, concepts and rules of the screen."""

    starts: dict[str, Start]
    keeps: dict[str, frozenset[Quiet]]
    masking: frozenset[str]
    weighed: frozenset[str]  # the concepts with weights in the learned part
    of_longer: "Lexicon | None"  # the lexicon without the entries for terse notes, which makes longer texts faster
    rules: tuple[Rule, ...]
    spellings: dict[str, str]
    words: dict[str, frozenset[str]]


def load_lexicon(folder: Path = DATA) -> Lexicon:
    """Return the lexicon in a folder's files; raise LexiconError."""
    return build_lexicon({path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.yaml"))})


def build_lexicon(texts: dict[str, str]) -> Lexicon:
    """Return the lexicon in the texts of several files; raise LexiconError."""
    files = {name: read_yaml(name, text, _File) for name, text in texts.items()}
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


def read_yaml(name: str, text: str, model: type[AnyModel]) -> AnyModel:
    """Return a file's text parsed into a model; raise LexiconError."""
    try:
        return model.model_validate(yaml.safe_load(text))
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
    for name, text in classes.items():  # a class may use earlier classes
        known[name] = frozenset(word for part in text.split() for word in spell_out(name, part, known))
    return known


def _tree(concepts: dict[str, _Concept], words: dict[str, frozenset[str]]) -> Node:
    root = Node()
    for name, concept in concepts.items():
        for phrase in concept.phrases.splitlines():
            for elements in without_optional(name, phrase):
                node = root
                for element in elements:
                    node = node.follow(element, spell_out(f"{name}: {phrase}", element, words))
                if name not in node.ends:
                    node.ends.append(name)
    return root


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
