"""Describes each rule in a sentence for the reviewer: the kind of finding, never the text."""

from collections.abc import Iterable

_WHOSE = {
    "source": "The source's",
    "submitter": "The submitter's",
    "agency": "The agency's",
}

# Of somebody who may be near the source; whole sentences.
_OF_OTHERS = {
    "account": "Account or address: no field of the form and no subject row has it",
    "account.number": "Phone number: no field of the form and no subject row has it",
    "vehicle.other": "Vehicle: no field of the form and no subject row has it",
    "relative": "Somebody near the source, whose name would point at the source",
    "relative.unsure": "Somebody near the source, perhaps, whose name would point at the source",
    "stranger": "Name: no field of the form and no subject row has it",
}

_KINDS = {
    "name": "full name",
    "name.part": "first name or surname",
    "name.nickname": "name in a short or familiar form, perhaps",
    "name.misspelling": "name misspelt, perhaps",
    "name.initials": "initials, perhaps",
    "name.initials.unsure": "initials, or an abbreviation of something else",
    "name.shared": "name, which somebody else in the text has, too",
    "name.similar": "name is like this one, which seems to be somebody else's",
    "name.word": "name, or an ordinary word",
    "name.joined": "name joined to another word, perhaps",
    "also_known_as": "other name",
    "phone": "phone number",
    "phone.part": "phone number in part, perhaps",
    "phone.similar": "phone number is nearly this one",
    "email": "e-mail address",
    "email.spelled": "e-mail address spelled out, perhaps",
    "email.user": "name in an e-mail address, perhaps",
    "email.user.half": "name in an e-mail address in part, or another word",
    "handle": "account name, perhaps",
    "address": "address",
    "address.first_line": "house and street",
    "address.postcode": "postcode",
    "address.postcode.read": "postcode, letters and digits mixed up, perhaps",
    "address.number.unsure": "house number, or another number",
    "address.short": "street or house in short, perhaps",
    "address.shared": "street, where somebody else lives, too",
    "address.number": "house number, perhaps",
    "vehicle_registration": "vehicle",
    "vehicle_registration.read": "vehicle, letters and digits mixed up, perhaps",
    "vehicle.part": "vehicle in part, perhaps",
    "vehicle.own": "own vehicle, perhaps",
    "role": "role in the third person",
    "role.similar": "role in other words, perhaps",
    "role.word": "role, or somebody else's",
    "relationship": "relationship to a subject",
    "organisation": "organisation",
    "organisation.part": "organisation in part, perhaps",
    "organisation.initials": "organisation's initials, perhaps",
    "organisation.shared": "organisation, where a subject may be, too",
    "organisation.described": "organisation described, perhaps",
    "reference": "organisation's reference",
}

_TELLING = {
    "me": "the one who tells speaks in the first person",
    "us": "the one who tells speaks in the first person",
    "body": "says what was said or done to the one who tells",
    "family": "says how it is known: as family",
    "bond": "says how it is known: as a friend, neighbour or colleague",
    "beside": "says how it is known: from near by",
    "work": "says how it is known: at work, a visit or an appointment",
    "workverb": "says what the one who tells did there",
    "tell": "says to whom it was told",
    "report": "says how it came to be known",
    "sense": "says what somebody there saw or heard",
    "handled": "says through whose hands something went",
    "only": "says that few could know this",
    "uniq": "gives a detail that few people fit",
    "secret": "says that it was confided",
    "traced": "says how it could be found out who told",
    "handling": "says what the one who told wishes",
    "fear": "says what the one who told fears",
    "tenure": "says how long somebody has been there",
    "own": "speaks of something of the source's own",
    "time": "gives a time at which few were there",
    "language": "names a language or origin",
    "identity": "has a word for the one who tells",
    "meta": "speaks of the account itself",
    "not_same": "says who is not meant",
    "role": "names a role, perhaps the source's",
    "relationship": "names a tie to a subject",
    "organisation": "points to the organisation",
}
MOST_TOLD = 2  # reasons for one sentence

_DISCLOSURES = {
    "self": "it speaks of itself or of whoever reads it",
    "tell": "it says that somebody told, asked or wrote something",
    "report": "it says how this came to be known",
    "sense": "it says that somebody saw, heard or found something",
    "knows": "it says what somebody knows or thinks",
    "family": "it speaks of kin",
    "bond": "it speaks of friends, neighbours or others who are close",
    "role": "it speaks of somebody by work or role",
    "meeting": "it speaks of a meeting, a visit or a service",
    "beside": "it says from where something could be noticed",
    "only": "it says how few could know",
    "secret": "it speaks of something kept secret",
    "traced": "it says how it could be found out who told",
    "identity": "it speaks of somebody who is not named",
    "handling": "it says what somebody wishes",
    "fear": "it says how somebody feels about this",
    "meta": "it has words around the account itself",
    "named": "it names or places who spoke, also once that is replaced",
    "described": "it describes somebody instead of naming them",
    "two": "it speaks of a he and of a she",
    "handled": "it says what somebody gave, kept or did for somebody",
    "doing": "it says what somebody did when something was noticed",
    "quoted": "it quotes what somebody said",
    "misspelt": "it may have one of the words for these in another spelling",
    "clock": "it gives a time to the minute",
    "unread": "much of it is no English that the software knows",
    "too_long": "it is so long that the software has looked for names and numbers alone",
}


def sentence_of(rule: str) -> str:
    """Return the rule of a finding as a sentence without a full stop."""
    who, _, kind = rule.partition(".")
    if who == "cue":
        return _capitalised(_telling(rule))
    if who == "other" and kind in _OF_OTHERS:
        return _OF_OTHERS[kind]
    return f"{_WHOSE.get(who, who.capitalize())} {_KINDS.get(kind, kind.replace('_', ' ').replace('.', ', '))}"


def telling_of(rules: Iterable[str]) -> str:
    """Return the reasons why a sentence may tell who spoke, without a full stop: the first two that differ."""
    return _capitalised("; ".join([*dict.fromkeys(map(_telling, rules))][:MOST_TOLD]))


def _telling(rule: str) -> str:
    who, _, kind = rule.partition(".")
    return _TELLING.get(kind if who == "cue" else kind.partition(".")[0], "the words around it may tell who spoke")


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def disclosure_sentence_of(kind: str) -> str:
    """Return the reason why a text with a class of disclosure is held, as a sentence without a full stop."""
    return f"Read the whole text, {_DISCLOSURES.get(kind, 'it may say who told')}"
