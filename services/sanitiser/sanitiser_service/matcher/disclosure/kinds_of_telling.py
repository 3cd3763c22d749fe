"""Says in which way words tell who spoke, for the reason that a page shows: by a tie, a visit, a place, a role."""

from functools import lru_cache

from sanitiser_service.matcher.disclosure.phrase_table import PhraseTable
from sanitiser_service.matcher.text.lexicons import sections_of
from sanitiser_service.matcher.text.reading import Reading

UNKNOWN = "context"
# The most telling first: a tie says more than the bare first person beside it.
_TIES = (
    "only",
    "secret",
    "traced",
    "fear",
    "handled",
    "family",
    "bond",
    "beside",
    "tenure",
    "language",
    "uniq",
    "body",
)
_DOINGS = ("handling", "workverb", "work", "sense", "report", "tell", "time", "identity", "meta", "own")
KINDS = (*_TIES, *_DOINGS, "third", "they", "us", "me", "you")


@lru_cache(maxsize=1)
def _listed() -> tuple[dict[str, str], PhraseTable[str]]:
    words: dict[str, str] = {}
    phrases: list[tuple[list[str], str]] = []
    for section, found in sections_of("indirect_identifiers.txt"):
        for entry in found:
            first, *rest = entry.replace("-", " ").replace("'s ", " ").split()
            if rest:
                phrases.append(([first, *rest], section))
            elif first not in words or _rank(section) < _rank(words[first]):
                words[first] = section
    return words, PhraseTable(phrases)


def kind_of_telling(reading: Reading, first: int, last: int) -> str:
    """Return the most telling kind of the words from `first` to `last`."""
    words, phrases = _listed()
    keys = reading.keys[first : last + 1]
    found = [words[key] for key in keys if key in words]
    found += [section for _, _, section in phrases.find(keys)]
    return min(found, key=_rank, default=UNKNOWN)


def _rank(kind: str) -> int:
    return KINDS.index(kind) if kind in KINDS else len(KINDS)
