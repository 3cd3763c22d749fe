"""The published part of a submission: the same content, with tokens for the words that reveal the source."""

from pipeline_shared.language.content import Person, Phone, Place, RiskAnswers, Vehicle
from pipeline_shared.language.texts import Model, Text
from pipeline_shared.language.vocabulary import Category, KnownHow
from pipeline_shared.language.when import When


class SanitisedPerson(Person):
    """A person as sanitised. A token may be longer than the words it replaces, so texts here have no length limit."""

    name: Text
    also_known_as: Text = ""
    address: Text = ""
    description: Text = ""


class SanitisedPlace(Place):
    """A place as sanitised."""

    description: Text
    postcode: Text = ""


class SanitisedVehicle(Vehicle):
    """A vehicle as sanitised."""

    registration: Text = ""
    description: Text = ""


class SanitisedPhone(Phone):
    """A phone number as sanitised."""

    number: Text
    note: Text = ""


class SanitisedSubjects(Model):
    """The people, places, vehicles and phones that the information is about, as sanitised."""

    people: tuple[SanitisedPerson, ...] = ()
    places: tuple[SanitisedPlace, ...] = ()
    vehicles: tuple[SanitisedVehicle, ...] = ()
    phones: tuple[SanitisedPhone, ...] = ()


class SanitisedOccurrence(Model):
    """Time and place as sanitised: no more exact than the policy allows, unless a person released more."""

    began: When | None = None
    ended: When | None = None
    place: Text = ""
    note: Text = ""


class SanitisedContent(Model):
    """The part of a submission that triage, transfer and the police system may read."""

    title: Text
    narrative: Text
    category: Category
    known_how: KnownHow
    occurrence: SanitisedOccurrence
    subjects: SanitisedSubjects
    risk: RiskAnswers

    @property
    def has_exact_time(self) -> bool:
        """Tell whether a time in it is exact, which means that a person released it."""
        return any(when and when.exact for when in (self.occurrence.began, self.occurrence.ended))
