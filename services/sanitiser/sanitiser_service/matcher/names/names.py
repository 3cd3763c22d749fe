"""Finds names of the source and the submitter: whole, in parts, short, misspelt; names of bystanders stay.

A capitalised word beside a protected part makes it the name of a bystander, unless it belongs to the same name. This
name stays, and from then on the part counts as shared: a person decides about it wherever it stands alone.
"""

from collections.abc import Iterator
from typing import NamedTuple

from pipeline_shared.text.tokens import JOINED
from sanitiser_service.form.common_words import WORDS
from sanitiser_service.form.titles import BARE_TITLES, TITLES
from sanitiser_service.matcher.findings import Match
from sanitiser_service.matcher.names.bystanders import JOINTS, Bystanders, is_plain, other_side
from sanitiser_service.matcher.names.disguises import joined_in, undisguised
from sanitiser_service.matcher.names.initials import beside_initial, initials_in, is_initial_of
from sanitiser_service.matcher.names.nicknames import unlisted
from sanitiser_service.matcher.names.sounds import loosely_like
from sanitiser_service.matcher.names.words import is_plain_word_at, is_word, kind_of_word, titles_in
from sanitiser_service.matcher.protection import Form, Name, Protection
from sanitiser_service.matcher.text.lexicons import ABBREVIATIONS, GREETINGS, NICKNAMES, word_set
from sanitiser_service.matcher.text.reading import CAPITALS, LOWER, Reading

SHORTEST, MOST_PARTS = 3, 20
_BEFORE_WORDS = word_set("names_before_words")


class _Part(NamedTuple):
    """A word of a text that may be part of a protected name."""

    at: int
    form: Form


def names_in(reading: Reading, protection: Protection, bystanders: Bystanders) -> list[Match]:
    """Return the places of names of the source or the submitter."""
    parts = {part.at: part for part in _parts(reading, protection, bystanders)}
    matches: list[Match] = []
    alone: list[_Part] = []
    seen: set[int] = set()
    for at in sorted(parts):
        if at in seen:
            continue
        first, last = _span_around(reading, parts, at)
        seen.update(range(first, last + 1))
        own = [parts[n] for n in range(first, last + 1) if n in parts]
        if _is_somebody_else(reading, own, first, last):
            nearly = _nearly_whole(reading, own, first, last)
            if nearly is None:
                bystanders.shared.update(reading.keys[part.at] for part in own)
                bystanders.keys.update(reading.keys[part.at] for part in own)
            found = nearly or _shares_given_name(reading, own, last)
            matches += [found] if found else []
        elif (whole := _whole(reading, own, first, last)) is not None:
            matches.append(whole)
        else:
            alone += own
    return [
        *matches,
        *(match for part in alone for match in _alone(reading, part, bystanders)),
        *initials_in(reading, protection.names),
        *joined_in(reading, protection),
        *titles_in(reading, protection),
    ]


def _parts(reading: Reading, protection: Protection, bystanders: Bystanders) -> Iterator[_Part]:
    forms = _forms_in(reading, protection, bystanders)
    titles = TITLES.union(*(name.titles for name in protection.names))
    titled = (at + 1 for at in reading.places_of(titles) if at + 1 < len(reading) and reading.breaks[at] == JOINED)
    for at in (*reading.places_of(forms), *titled):
        key = reading.keys[at]
        form = forms.get(key)
        is_distinctive = form and (len(key) > SHORTEST or form.kind == "name.part" or not reading.cased)
        if (reading.cases[at] or is_distinctive) and (form := form or unlisted(key, protection, titled=True)):
            yield _Part(at, form)


def _forms_in(reading: Reading, protection: Protection, bystanders: Bystanders) -> dict[str, Form]:
    """Return the words of a text that may be part of a protected name, with their forms."""
    known, heads, tails = protection.known, protection.heads, protection.tails
    plurals = {part + "s": form for part, form in known.items() if form.kind == "name.part"}
    forms = {key: form for key, form in {**plurals, **known}.items() if key in reading.present}
    alike = [key for key in reading.present if key[0] in heads or key in tails]
    for key in set(alike) - WORDS - known.keys():
        form = known.get(key[:-1]) if key[-1] == "s" else None
        form = form or (unlisted(key, protection, titled=False) if len(key) >= SHORTEST - 1 else None)
        if form and not (form.kind == "name.misspelling" and key in bystanders.keys):
            forms[key] = form
    forms.update(undisguised(reading, protection))
    return forms


def _span_around(reading: Reading, parts: dict[int, _Part], at: int) -> tuple[int, int]:
    """Return the span of capitalised words around a part (in a text without case: the words of the name itself)."""

    def belongs(n: int) -> bool:
        return n in parts or bool(
            reading.cased and reading.cases[n] and not (reading.opens(n) and reading.keys[n] in _BEFORE_WORDS)
        )

    first = last = at
    while first > 0 and _joined(reading, first - 1) and belongs(first - 1):
        first -= 1
    while last + 1 < len(reading) and _joined(reading, last) and belongs(last + 1):
        last += 1
    is_reversed = last in parts and parts[last].form.is_family and last + 1 in parts
    if is_reversed and reading.gaps[last] == ", ":
        last += 1
    return first, last


def _joined(reading: Reading, at: int) -> bool:
    return reading.gaps[at] in JOINTS and reading.breaks[at] == JOINED


def _is_somebody_else(reading: Reading, own: list[_Part], first: int, last: int) -> bool:
    """Tell whether words are the name of a bystander that shares a part with a protected name."""
    if _has_both(own):
        return False
    mine = {part.at for part in own}
    strangers = [at for at in range(first, last + 1) if at not in mine and _is_stranger(reading, own, at)]
    return any(at - 1 in mine or at + 1 in mine for at in strangers)


def _is_stranger(reading: Reading, own: list[_Part], at: int) -> bool:
    key, name = reading.keys[at], own[0].form.name
    is_title = _is_title_of(key, name) and (own[0].at > at or key in BARE_TITLES)
    if is_title or key in GREETINGS or is_initial_of(key, name):
        return False
    if reading.cases[at] == CAPITALS and (key in ABBREVIATIONS or key in WORDS):
        return False
    if is_plain(key) and own[0].at > at and not own[0].form.is_family:
        return False
    is_before_family = key in NICKNAMES and any(part.at == at + 1 and part.form.is_family for part in own[:MOST_PARTS])
    return is_before_family or not (reading.opens(at) and key in WORDS)


def _has_both(own: list[_Part]) -> bool:
    """Tell whether given and family name of one person are present, at least one of them spelled as on the form."""
    sides = {(part.form.name.who, part.form.is_family) for part in own}
    misspelt = any(part.form.kind == "name.misspelling" for part in own)
    certain = {
        p.form.name.who for p in own if p.form.kind == "name.part" or (p.form.kind == "name.nickname" and not misspelt)
    }
    return any((who, True) in sides and (who, False) in sides for who in certain)


def _whole(reading: Reading, own: list[_Part], first: int, last: int) -> Match | None:
    """Return the match of a given name with its family name, including initials between them."""
    if not _has_both(own):
        return _similar(reading, own)
    name = own[0].form.name
    mine = {part.at for part in own}
    ends = [at for at in range(first, last + 1) if at in mine or is_initial_of(reading.keys[at], name)]
    first_at = ends[0] - 1 if _is_titled(reading, ends[0], name) else ends[0]
    exact = all(part.form.kind == "name.part" for part in own)
    kind = "name" if exact else max(part.form.kind for part in own if part.form.kind != "name.part")
    return Match(*reading.original(first_at, ends[-1]), name.who, kind)


def _shares_given_name(reading: Reading, own: list[_Part], last: int) -> Match | None:
    """Return the given name that a bystander shares with a protected name, as it may be the same person after all."""
    at, form = own[0]
    if form.is_family:
        return None
    is_double = at < last and reading.gaps[at] == "-"
    return Match(*reading.original(at, at + is_double), form.name.who, "name.similar")


def _nearly_whole(reading: Reading, own: list[_Part], first: int, last: int) -> Match | None:
    """Return one half of a protected name with a word that resembles the other half; it may be a bystander."""
    for at, form in own[:MOST_PARTS]:
        for beside in (at - 1, at + 1):
            if first <= beside <= last and any(loosely_like(reading.keys[beside], part) for part in other_side(form)):
                return Match(*reading.original(min(at, beside), max(at, beside)), form.name.who, "name.similar")
    return None


def _similar(reading: Reading, own: list[_Part]) -> Match | None:
    """Return a name that resembles a protected one in both parts and equals it in none; it is probably a bystander."""
    if len(own) > 1 and all(part.form.kind == "name.misspelling" for part in own):
        return Match(*reading.original(own[0].at, own[-1].at), own[0].form.name.who, "name.similar")
    return None


def _alone(reading: Reading, part: _Part, bystanders: Bystanders) -> Iterator[Match]:
    """Yield the match of a part of a name that stands alone, with its title or initial and without."""
    at, form = part
    key = reading.keys[at]
    kind = form.kind
    if is_plain_word_at(reading, at, form):
        kind = ""
    elif _is_half_of_two(reading, part):
        kind = form.kind
    elif key in bystanders.shared or (key in bystanders.keys and form.kind != "name.part"):
        kind = form.kind if _is_titled(reading, at, form.name) and form.kind == "name.part" else "name.shared"
    elif is_word(key):
        kind = kind_of_word(reading, at, form)
    elif form.kind == "name.nickname" and reading.cased and reading.cases[at] == LOWER and len(key) <= SHORTEST:
        kind = ""
    first, last = beside_initial(reading, at, form)
    if first == at and _is_titled(reading, at, form.name):  # "Mrs" alone would still reveal the source's sex
        first = at - 1
    elif first != last and kind in {form.kind, "name.shared", "name.word"}:
        kind = "name.initials"
    if kind:
        yield Match(*reading.original(first, last), form.name.who, kind)
    if kind and first < at:  # the longer match may lose to a role: "Dinner Lady Kath"
        yield Match(*reading.original(at, at), form.name.who, form.kind if kind == "name.initials" else kind)


def _is_half_of_two(reading: Reading, part: _Part) -> bool:
    """Tell whether both halves of a hyphenated family name are present, which few other people have."""
    family = part.form.name.family
    if len(family) < len(("Okafor", "Dike")) or not part.form.is_family:
        return False
    beside = {reading.keys[n] for n in (part.at - 1, part.at + 1) if 0 <= n < len(reading)}
    return bool(beside & (set(family) - {reading.keys[part.at]}))


def _is_titled(reading: Reading, at: int, name: Name) -> bool:
    return at > 0 and _is_title_of(reading.keys[at - 1], name) and reading.breaks[at - 1] == JOINED


def _is_title_of(key: str, name: Name) -> bool:
    """Tell whether a word is a title, or a given name used as a title on this person's form: "Sayyid Mary Doyle"."""
    return key in TITLES or key in name.titles
