"""Words of the shared language as officers read them, on case pages and flag pages alike."""

from collections.abc import Iterator, Mapping, Sequence

from pipeline_shared.language.content import Person, RiskAnswers
from pipeline_shared.language.vocabulary import Answer, SafetyLevel, SafetyReason
from pipeline_shared.web.rendering import day

SAFETY_REASONS: Mapping[SafetyReason, str] = {
    SafetyReason.THREAT_TO_LIFE: "Threat to life",
    SafetyReason.SERIOUS_HARM: "Serious harm",
    SafetyReason.IMMINENT: "Danger at any moment",
    SafetyReason.CHILD_AT_RISK: "Child at risk",
    SafetyReason.ADULT_AT_RISK: "Adult at risk",
    SafetyReason.WEAPON: "Weapon",
    SafetyReason.MISSING: "Missing person",
    SafetyReason.UNSCREENED: "Not screened",
    SafetyReason.OTHER_LANGUAGE: "Not read: other language",
}
SAFETY_LEVELS: Mapping[SafetyLevel, str] = {
    SafetyLevel.NOW: "Look now",
    SafetyLevel.SOON: "Look soon",
    SafetyLevel.ORDINARY: "",
}
LEVEL_COLOURS: Mapping[SafetyLevel, str] = {SafetyLevel.NOW: "red", SafetyLevel.SOON: "orange"}
RISK_QUESTIONS: Mapping[str, str] = {
    "immediate_danger": "Is anybody in immediate danger?",
    "child_at_risk": "Is a child at risk?",
    "adult_at_risk": "Is an adult at risk?",
    "weapon": "Is a weapon involved?",
    "missing_person": "Is anybody missing?",
}
RiskLine = tuple[str, str, bool]  # the question, the answer, and whether it is yes


def words(value: str) -> str:
    """Return a code as words: `serious_violence` → Serious violence."""
    return value.replace("_", " ").capitalize()


def risk_lines(risk: RiskAnswers) -> Iterator[RiskLine]:
    """Yield each risk question with its answer."""
    for name, answer in risk:
        yield RISK_QUESTIONS[name], words(answer), answer is Answer.YES


def person_cells(person: Person) -> Sequence[str]:
    """Return the table cells of a person: name, tags, age or birth, address, description."""
    name = f"{person.name}, also known as {person.also_known_as}" if person.also_known_as else person.name
    born = day(person.date_of_birth) if person.date_of_birth else ""
    if not born and person.approximate_age is not None:
        born = f"about {person.approximate_age} years old"
    return name, ", ".join(words(tag) for tag in person.tags), born, person.address, person.description
