"""Puts findings together as questions: one for each name or identifier in all texts, and one for each telling sentence.

A finding that is replaced at once (AUTO) needs no question; every other finding is a place of exactly one question. The
same texts always give the same questions with the same keys, and a key holds none of the text.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from sanitiser_service.form.profile import Token
from sanitiser_service.matcher.findings import Band, Finding
from sanitiser_service.matcher.reasons import sentence_of, telling_of
from sanitiser_service.matcher.referents import LIKELY, Referent, Sort, mention_of
from sanitiser_service.matcher.text.reading import read
from sanitiser_service.matcher.text.sentences import Span, sentence_at, sentences_of


class Answer(StrEnum):
    """A reviewer's answer: who a mention means, or what becomes of a sentence; `take_out` answers both."""

    SOURCE_SIDE = "source_side"
    SUBJECT = "subject"
    SOMEBODY_ELSE = "somebody_else"
    LEAVE = "leave"
    TAKE_OUT = "take_out"
    REWRITE = "rewrite"
    REMOVE = "remove"


KEEPING = frozenset({Answer.SUBJECT, Answer.SOMEBODY_ELSE, Answer.LEAVE})  # the words stay
REMOVING = frozenset({Answer.SOURCE_SIDE, Answer.TAKE_OUT, Answer.REMOVE})  # the words go
ABOUT_A_MENTION = (Answer.SOURCE_SIDE, Answer.SUBJECT, Answer.SOMEBODY_ELSE, Answer.TAKE_OUT)
ABOUT_A_SENTENCE = (Answer.LEAVE, Answer.TAKE_OUT, Answer.REWRITE, Answer.REMOVE)


class Place(NamedTuple):
    """Words that a question is about: the rule that found them, and the token that would replace them.

    `is_proposed` tells whether the software proposes the replacement; otherwise it only points at the words.
    """

    path: str
    start: int
    end: int
    rule: str
    token: str
    is_proposed: bool


class Question(NamedTuple):
    """One thing that a reviewer answers once for all its places, which are in order.

    `default` is the answer that the proposed text assumes until the reviewer has answered. `sentence` is the span of a
    telling sentence, whose telling words are the places; for a name or identifier it is None.
    """

    key: str
    kind: Sort
    places: tuple[Place, ...]
    referent: Referent
    prompt: str
    reason: str
    choices: tuple[Answer, ...]
    default: Answer
    sentence: Span | None = None


def questions_of(texts: Mapping[str, str], findings: Iterable[Finding]) -> tuple[Question, ...]:
    """Return the questions about the findings in these texts, in the order of their first places."""
    mentions: dict[tuple[str, ...], list[Finding]] = {}
    sentences: dict[str, list[Span]] = {}
    for one in findings:
        if one.band is Band.AUTO:
            continue
        mention = mention_of(one, texts[one.path][one.start : one.end])
        group: tuple[str, ...] = (mention.sort, mention.form or one.key)
        if mention.sort is Sort.TELLING:
            if one.path not in sentences:
                sentences[one.path] = sentences_of(read(texts[one.path]))
            group = (Sort.TELLING, one.path, str(sentence_at(sentences[one.path], one.start)))
        mentions.setdefault(group, []).append(one)
    return tuple(
        _about_sentence(found, sentences[group[1]][int(group[2])], texts)
        if group[0] == Sort.TELLING
        else _about_mention(Sort(group[0]), found, texts)
        for group, found in mentions.items()
    )


def _about_mention(sort: Sort, found: Sequence[Finding], texts: Mapping[str, str]) -> Question:
    surest = max(found, key=lambda one: one.score)
    words = " ".join(texts[found[0].path][found[0].start : found[0].end].split())
    referent = mention_of(surest, words).referent
    often = f" ({len(found)} places)" if len(found) > 1 else ""
    return Question(
        key=_key(sort, found),
        kind=sort,
        places=tuple(_place(one, texts[one.path]) for one in found),
        referent=referent,
        prompt=f"{'Who' if sort is Sort.NAME else 'Whose'} is \u201c{words}\u201d?{often}",
        reason=f"{sentence_of(surest.rule)}. {LIKELY[referent]}",
        choices=ABOUT_A_MENTION,
        default=Answer.SOURCE_SIDE if any(one.token for one in found) else Answer.SUBJECT,
    )


def _about_sentence(found: Sequence[Finding], span: Span, texts: Mapping[str, str]) -> Question:
    return Question(
        key=_key(Sort.TELLING, found),
        kind=Sort.TELLING,
        places=tuple(_place(one, texts[one.path]) for one in found),
        referent=Referent.SOURCE,
        prompt="Do these words tell who spoke?",
        reason=telling_of(one.rule for one in found),
        choices=ABOUT_A_SENTENCE,
        default=Answer.TAKE_OUT if any(one.token for one in found) else Answer.LEAVE,
        sentence=Span(min(span.start, found[0].start), max(span.end, found[-1].end)),
    )


def _place(one: Finding, text: str) -> Place:
    """Return the place of a finding without spaces around it, which stay when its words are taken out."""
    words = text[one.start : one.end]
    start, end = one.end - len(words.lstrip()), one.start + len(words.rstrip())
    return Place(
        one.path, *((start, end) if start < end else one[1:3]), one.rule, one.token or Token.REMOVED, bool(one.token)
    )


def _key(sort: Sort, found: Sequence[Finding]) -> str:
    """Return the key of a question. An answer to another question, with other places, does not fit it."""
    places = repr([(one.path, one.start, one.end, one.rule, one.token) for one in found])
    return f"{sort}:{found[0].path}:{found[0].start}:{sha256(places.encode()).hexdigest()[:8]}"
