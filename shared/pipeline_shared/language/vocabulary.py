"""The closed lists of words for forms, events and rules; their values travel exactly as written here."""

from enum import StrEnum


class AgencyCategory(StrEnum):
    """The category of a partner agency: the only thing that triage may learn about it (D-S6)."""

    SCHOOL = "school"
    COUNCIL = "council"
    HOUSING = "housing"
    HEALTH = "health"
    CHARITY = "charity"
    OTHER = "other"


class KnownHow(StrEnum):
    """How the information is known, as stated by the submitter (D-G1)."""

    SAW_IT = "saw_it"
    TOLD_BY_SOMEONE_WHO_SAW_IT = "told_by_someone_who_saw_it"
    TOLD_SECOND_HAND = "told_second_hand"
    DO_NOT_KNOW = "do_not_know"


class Category(StrEnum):
    """The main subject of the submission."""

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
    """The answer to a risk question; "not known" is an answer of its own."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"


class PersonTag(StrEnum):
    """The capacity of a person in the information (D-L2); a person may have several."""

    SUSPECT = "suspect"
    CONVICTED = "convicted"
    VICTIM = "victim"
    WITNESS = "witness"
    OTHER = "other"


class SafetyReason(StrEnum):
    """The reason why an officer must look at once, or soon (D-T0)."""

    THREAT_TO_LIFE = "threat_to_life"
    SERIOUS_HARM = "serious_harm"
    IMMINENT = "imminent"
    CHILD_AT_RISK = "child_at_risk"
    ADULT_AT_RISK = "adult_at_risk"
    WEAPON = "weapon"
    MISSING = "missing"
    UNSCREENED = "unscreened"
    OTHER_LANGUAGE = "other_language"  # the screen did not read it, so an officer must


class SafetyLevel(StrEnum):
    """How urgent a submission is: NOW rings, SOON goes to the top of the queue and rings nobody (D-T0)."""

    NOW = "now"
    SOON = "soon"
    ORDINARY = "ordinary"


class Priority(StrEnum):
    """How soon an officer should look; it orders the queue and does nothing else (D-T7)."""

    IMMEDIATE = "immediate"
    HIGH = "high"
    ROUTINE = "routine"
    LOW = "low"


class SubmissionStatus(StrEnum):
    """The status of a submission: the only thing that a partner ever learns about it (D-T6)."""

    RECEIVED = "received"
    IN_ASSESSMENT = "in_assessment"
    ACCEPTED = "accepted"
    PASSED_TO_ANOTHER_ROUTE = "passed_to_another_route"
    CLOSED = "closed"
