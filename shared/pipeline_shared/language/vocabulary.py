"""The words that forms, events and rules choose from: each list is closed, and its values travel as written here."""

from enum import StrEnum


class AgencyCategory(StrEnum):
    """Kind of partner agency: all that triage may learn of it (D-S6)."""

    SCHOOL = "school"
    COUNCIL = "council"
    HOUSING = "housing"
    HEALTH = "health"
    CHARITY = "charity"
    OTHER = "other"


class KnownHow(StrEnum):
    """How the information is known, as the submitter says it (D-G1)."""

    SAW_IT = "saw_it"
    TOLD_BY_SOMEONE_WHO_SAW_IT = "told_by_someone_who_saw_it"
    TOLD_SECOND_HAND = "told_second_hand"
    DO_NOT_KNOW = "do_not_know"


class Category(StrEnum):
    """What the submission is mainly about."""

    CHILD_EXPLOITATION = "child_exploitation"
    DRUGS = "drugs"
    WEAPONS = "weapons"
    SERIOUS_VIOLENCE = "serious_violence"
    DOMESTIC_ABUSE = "domestic_abuse"
    MODERN_SLAVERY = "modern_slavery"
    SEXUAL_OFFENCES = "sexual_offences"
    TERRORISM = "terrorism"
    THEFT_AND_FRAUD = "theft_and_fraud"
    ANTISOCIAL_BEHAVIOUR = "antisocial_behaviour"
    OTHER = "other"


class Answer(StrEnum):
    """A risk question's answer; not knowing is an answer of its own."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"


class PersonTag(StrEnum):
    """In what capacity a person appears (D-L2); several may hold."""

    SUSPECT = "suspect"
    CONVICTED = "convicted"
    VICTIM = "victim"
    WITNESS = "witness"
    OTHER = "other"


class SafetyReason(StrEnum):
    """Why somebody must look at once (D-T0)."""

    THREAT_TO_LIFE = "threat_to_life"
    SERIOUS_HARM = "serious_harm"
    IMMINENT = "imminent"
    CHILD_AT_RISK = "child_at_risk"
    ADULT_AT_RISK = "adult_at_risk"
    WEAPON = "weapon"
    MISSING = "missing"
    UNSCREENED = "unscreened"
    OTHER_LANGUAGE = "other_language"  # nobody has read it: the screen did not, so an officer must


class Priority(StrEnum):
    """How soon an officer should look; orders the queue and nothing else (D-T7)."""

    IMMEDIATE = "immediate"
    HIGH = "high"
    ROUTINE = "routine"
    LOW = "low"


class SubmissionStatus(StrEnum):
    """All that a partner ever learns of a submission (D-T6)."""

    RECEIVED = "received"
    IN_ASSESSMENT = "in_assessment"
    ACCEPTED = "accepted"
    PASSED_TO_ANOTHER_ROUTE = "passed_to_another_route"
    CLOSED = "closed"
