"""Screens a submission: its texts and risk answers decide how urgently an officer must look (D-T0, decision 28).

The level of a submission is the highest of its texts' levels and of what the policy says of its answers. A text that
was not screened completely, because of the time limit or a fault here, is not assumed to be harmless: it gets an
"unscreened" hit, besides the hits found before, and so does a passage that is not English, with its place.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from intake_service.screening.deadline import NEVER, Deadline, OutOfTimeError
from intake_service.screening.encoder_reading import MODEL, MOST_TOKENS
from intake_service.screening.hit_limit import keep
from intake_service.screening.languages import load_languages
from intake_service.screening.policy import highest, load_policy
from intake_service.screening.text_level import Found, look
from pipeline_shared.encoder.allowance import Allowance
from pipeline_shared.language.content import RiskAnswers
from pipeline_shared.language.restricted import SafetyHit
from pipeline_shared.language.vocabulary import Answer, SafetyLevel, SafetyReason

LANGUAGES = load_languages()
POLICY = load_policy()
_WORD = re.compile(r"(?<![\w'])[^\W\d_]{2,}")
# Fields that name or number a subject. A nickname is not an event, so only certain rules apply to them.
IDENTITY = frozenset({"name", "also_known_as", "postcode", "registration", "number"})
TITLE, PLACE, NOTE = "title", "occurrence.place", "occurrence.note"
TOPIC_WORDS = 3
WORDS_OF_A_ROW = 12  # a shorter text in a row mostly says what somebody looks like: "about 6 feet, shaved head"
WORDS_OF_AN_EVENT = {TITLE: 2, NOTE: 4}  # of letters; with fewer it is a number, or says when it was
ANSWERED = {
    "immediate_danger": SafetyReason.IMMINENT,
    "child_at_risk": SafetyReason.CHILD_AT_RISK,
    "adult_at_risk": SafetyReason.ADULT_AT_RISK,
    "weapon": SafetyReason.WEAPON,
    "missing_person": SafetyReason.MISSING,
}


@dataclass(frozen=True, slots=True)
class Screening:
    """The level, the hits that say why (one for each phrase of a rule), and the version of the model."""

    hits: tuple[SafetyHit, ...] = ()
    level: SafetyLevel = SafetyLevel.ORDINARY
    model: str = MODEL

    @property
    def reasons(self) -> frozenset[SafetyReason]:
        """Return the safety reasons of the hits (D-T0)."""
        return frozenset(hit.reason for hit in self.hits)


def screen(texts: Mapping[str, str], answers: RiskAnswers, deadline: Deadline = NEVER) -> Screening:
    """Screen a submission's texts (by path) and risk answers; texts left at the deadline are unscreened.

    Raises nothing: a text that cannot be screened gets a hit with that reason. `keep` limits the number of hits.
    """
    hits: list[SafetyHit] = []
    levels: list[SafetyLevel] = []
    allowance = Allowance(MOST_TOKENS)
    for path, text in texts.items():
        found = Found()
        not_read: tuple[SafetyHit, ...] = ()
        try:
            not_read = tuple(_not_english(path, text))
            look(text, found, deadline, allowance, only_certain=_is_identity(path) or _is_when_or_where(path, text))
        except OutOfTimeError:
            not_read = (*not_read, _unscreened("out_of_time", path))
        except Exception:  # noqa: BLE001 - a fault here must not keep a submission out, nor an officer in the dark
            not_read = (*not_read, _unscreened("failed", path))
        places = found.reasons.items()
        hits.extend(SafetyHit(rule=r, reason=why, path=path, start=start, end=end) for (r, start, end), why in places)
        hits.extend(not_read)
        levels.append(_topic(text, found.level) if path == TITLE else found.level)
    return _screening(answers, hits, levels)


def unread(why: str, answers: RiskAnswers) -> Screening:
    """Return the screening of a submission whose texts nothing has read."""
    return _screening(answers, [_unscreened(why)], [])


def is_high(narrative: str) -> bool:
    """Tell whether a narrative alone is more than ordinary."""
    return level_of(narrative) is not SafetyLevel.ORDINARY


def level_of(narrative: str) -> SafetyLevel:
    """Return the level of a narrative alone."""
    return screen({"narrative": narrative}, RiskAnswers()).level


def _screening(answers: RiskAnswers, hits: Iterable[SafetyHit], levels: Iterable[SafetyLevel]) -> Screening:
    said = [question for question in ANSWERED if getattr(answers, question) is Answer.YES]
    every = (*map(_answered, said), *hits)
    of_unread = POLICY.of_unread({hit.reason for hit in every})
    of_texts = highest(levels)
    return Screening(keep(every), highest((of_texts, POLICY.of_answers(said, of_texts), of_unread)))


def _answered(question: str) -> SafetyHit:
    reason = ANSWERED[question]
    return SafetyHit(rule=f"answer.{question}", reason=reason, path=f"risk.{question}", start=0, end=0)


def _unscreened(why: str, path: str = "") -> SafetyHit:
    return SafetyHit(rule=f"unscreened.{why}", reason=SafetyReason.UNSCREENED, path=path, start=0, end=0)


def _not_english(path: str, text: str) -> Iterator[SafetyHit]:
    """Yield a hit for each passage that is not English; fields of names are not checked."""
    if not _is_identity(path):
        for start, end in LANGUAGES.find(text):
            rule, reason = "unread.other_language", SafetyReason.OTHER_LANGUAGE
            yield SafetyHit(rule=rule, reason=reason, path=path, start=start, end=end)


def _is_when_or_where(path: str, text: str) -> bool:
    """Tell whether a text only says when or where it happened, or what somebody looks like: "5am on 14 March"."""
    least = WORDS_OF_A_ROW if path.startswith("subjects.") else WORDS_OF_AN_EVENT.get(path, 0)
    return path == PLACE or len(_WORD.findall(text)) < least


def _topic(title: str, level: SafetyLevel) -> SafetyLevel:
    """Return the level of a title: a very short one names a topic ("Domestic abuse") and rings nobody alone."""
    names_topic = level is SafetyLevel.NOW and len(title.split()) <= TOPIC_WORDS
    return SafetyLevel.SOON if names_topic else level


def _is_identity(path: str) -> bool:
    return path.startswith("subjects.") and path.rpartition(".")[2] in IDENTITY
