"""Texts put together at random are read by the matcher: what is planted is replaced, and subjects stay as they are."""

from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sanitiser_service.form.fields import content_of, texts_of
from sanitiser_service.matcher.sanitising import sanitise
from tests.support.building import an_agency
from tests.unit.sanitiser.matched import narrative_of, submitted

SPELLINGS = (
    "Siobhan Entwistle",
    "siobhan entwistle",
    "SIOBHAN ENTWISTLE",
    "Siobhan  Entwistle",
    "Entwistle, Siobhan",
    "Sióbhan Entwistle",
    "Ｓｉｏｂｈａｎ Entwistle",
    "Siobh\u200ban Entwistle",
    "07700900118",
    "07700-900-118",
    "+447700900118",
    "0 7 7 0 0 9 0 0 1 1 8",
    "shiv.entwistle@post.example.org",
    "SHIV.ENTWISTLE@POST.EXAMPLE.ORG",
    "27 Garnet Street",
    "27 garnet st",
    "BD7 2LP",
    "YK21PLO",
)
NEUTRAL = st.lists(
    st.sampled_from(
        ["the", "van", "was", "seen", "near", "an", "old", "barn", "with", "two", "dogs", "and", "some", "boxes"]
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=150)
@given(spelling=st.sampled_from(SPELLINGS), before=NEUTRAL, after=NEUTRAL)
def test_a_value_planted_in_any_spelling_is_replaced(spelling: str, before: list[str], after: list[str]) -> None:
    start, end = " ".join(["Today", *before]), " ".join([*after, "there."])
    assert narrative_of(f"{start}, {spelling}, {end}").startswith(f"{start}, [")


PIECES = st.sampled_from(
    [
        *SPELLINGS,
        "Shiv",
        "\u202e",
        "\u200b",
        "e\u0301",
        "\u0130",
        "ß",
        "'",
        '"',
        "@",
        ".",
        "\n",
        " ",
        "0",
        "l",
        "at",
        "dot",
        "I",
        "my",
    ]
)
HOSTILE = st.one_of(
    st.text(max_size=300), st.lists(PIECES, max_size=60).map(" ".join), st.lists(PIECES, max_size=60).map("".join)
)


@settings(deadline=None, max_examples=300)
@given(text=HOSTILE)
@example("Shiv A, SHIV")
def test_any_text_is_read_and_findings_never_overlap(text: str) -> None:
    try:
        submission = submitted(text, title=text[:100])
    except ValueError:
        return
    sanitised = sanitise(submission, an_agency())
    originals = texts_of(content_of(submission))
    for path, original in originals.items():
        places = sorted((f.start, f.end) for f in sanitised.findings if f.path == path)
        assert all(0 <= start < end <= len(original) for start, end in places)
        assert all(one[1] <= other[0] for one, other in pairwise(places))
    if not any(finding.token for finding in sanitised.findings):
        assert texts_of(sanitised.content) == originals
    assert len({finding.key for finding in sanitised.findings}) == len(sanitised.findings)


@settings(deadline=None, max_examples=100)
@given(name=st.text(min_size=1, max_size=40).filter(str.strip), text=HOSTILE)
def test_subject_rows_are_never_altered(name: str, text: str) -> None:
    try:
        submission = submitted(text or "-", subjects={"people": [{"name": name, "also_known_as": "Shiv"}]})
    except ValueError:
        return
    kept = sanitise(submission, an_agency()).content.subjects.people[0]
    assert kept.model_dump() == submission.subjects.people[0].model_dump()
