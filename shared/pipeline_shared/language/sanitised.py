"""What goes onward of a submission: the same content with tokens in place of whatever pointed at who spoke."""

from pipeline_shared.language.content import Person, Phone, Place, RiskAnswers, Vehicle
from pipeline_shared.language.texts import Model, Text
from pipeline_shared.language.vocabulary import Category, KnownHow
from pipeline_shared.language.when import When


class SanitisedPerson(Person):
    """A person as sanitised: a token may be longer than what it stands for, so no text here has a length of its own."""

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
    """Whom and what the information is about, as sanitised."""

    people: tuple[SanitisedPerson, ...] = ()
    places: tuple[SanitisedPlace, ...] = ()
    vehicles: tuple[SanitisedVehicle, ...] = ()
    phones: tuple[SanitisedPhone, ...] = ()


class SanitisedOccurrence(Model):
    """When and where it happened, as sanitised: no more exactly than the policy says, or a person let stand."""

    began: When | None = None
    ended: When | None = None
    place: Text = ""
    note: Text = ""


class SanitisedContent(Model):
    """What triage, transfer and the police system may read of a submission."""

    title: Text
    narrative: Text
    category: Category
    known_how: KnownHow
    occurrence: SanitisedOccurrence
    subjects: SanitisedSubjects
    risk: RiskAnswers

    @property
    def has_exact_time(self) -> bool:
        """Tell whether a time in it is exact: then a person has let it stand."""
        return any(when and when.exact for when in (self.occurrence.began, self.occurrence.ended))
