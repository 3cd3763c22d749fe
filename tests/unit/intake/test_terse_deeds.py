"""Hurried notes about harm done to people, kind by kind, are high."""

import pytest

from intake_service.screening.lexicon import build_lexicon
from intake_service.screening.screen import is_high
from intake_service.screening.text_level import LEARNED, LEXICON
from intake_service.screening.windows import TERSE, read_text, read_windows
from tests.unit.intake.builders import HEAD

DANGER = [
    "girl being taken to Gambia for cutting over Easter",
    "female circumcision booked abroad in July",
    'auntie taking her to Mali for "the ceremony", age 9',
    "hasnt been seen since Tuesday, left a note",
    "Mum popped to shop, came back, baby gone",
    "on the bridge now M621",
    "took 40 of her mums pills",
    "neked a load of paracetamol",
    "someone firing in the park",
    "bullet hole in nursery window",
    "heard bang bang bang then car sped off, lad on floor",
    "he's made a bomb, saw wires & nails",
    "molotovs in a crate behind garage",
    "off to Syria to fight next week",
    "posting isis vids, says he's ready",
    "nazi flags, guns list, hates muslims, says soon",
    "battery acid threat to the ex",
    "follows her home every nite, tracker on car",
    "grabbed off the street by 3 men",
    "ransom call, finger cut off vid",
    "been sold to another man, she is 17",
    "lives in shed, works for food, scared of boss",
    "injected in the club, legs gone",
    "toddler drank methadone",
    "child 3 wandering on the dual carriageway",
    "gang passing her round",
    "older bf gives her vapes and money for pics",
    "coach in the showers w/ the boys",
    "blade in PE bag",
    "stab proof vest and knife, going to settle it 4pm park",
    "slashed for losing the package",
    "gas turned on, door locked, says boom",
    "dad's back on licence, living w/ kids, RSO",
    "old man left in his own mess",
    "12 year old carrying drugs for the gang",
    "breast ironing planned for the summer",
    "engaged at 14 - family say its culture",
    "forced to shoplift, owes the gaffer",
    "disabled lad made to eat dog food",
    "strap on him, Chapeltown rd",
    "she never got off the school bus",
    "niece flying to Senegal in August, grandma says she'll come back a woman",
    "Egypt trip at half term, parents talk of having the 8 yr old purified",
    "he's 11, never came out of school, mobile going to voicemail",
    "nobody's clapped eyes on Nan since lunch, front door wide open",
    "turned my back two secs at the fair and my little lad vanished",
    "she's dangling her feet over the multi storey",
    "lad walking along the railway line in the dark",
    "emptied a bottle of his dad's heart tablets down his neck",
    "three shots then tyres squealing, kid hit",
    "shell casings all over the pavement by the nursery",
    "loaded revolver under the mattress, kids in house",
    "jerry can, nails and a timer in his bedroom",
    "bag of peroxide and ball bearings in her flat, talks about the mosque",
    "house reeks of gas, he's got a lighter and wont come out",
    "wants to be a martyr, sharing beheading clips",
    "incel lad, list of girls, says monday",
    "he'll melt her face off with drain cleaner",
    "ex sits in his car outside her work every shift",
    "found an airtag sewn in her coat, she's petrified",
    "two men dragged a woman into a transit by the canal",
    "they want 20k or they'll post his ear",
    "given to a 50 yr old as payment, she is 15",
    "lads taking turns with her in the flat, yr 10",
    "made to nick meat every day to pay off what he owes",
    "picks veg 16 hrs a day, no wage, boss has his ID",
    "forced the LD lad to drink his own wee on camera",
    "needle mark on her thigh after Flares, cant stand up",
    "barman slipped her something, now slumped in a cab",
    "2yo ate mum's gummies, wont wake",
    "toddler in nappy on the ring road",
    "offers yr 8s vapes for topless snaps",
    "PE teacher naked in the changing room with a yr 7",
    "machete down his joggers, heading to the skatepark",
    "scrap tonight at the rec, six of them with blades",
    "cut him up for grassing",
    "13 yr old with 20 wraps inside her, sent to Skeg",
    "gran's in a soaked bed, sores, not eaten in days",
    "grandmother arranging for the baby to be circumcised in Gambia next month",
    "the twins are off to Somalia for a ceremony this summer, they are 7",
    "promised at 13 to an older cousin",
    "cot empty, window open",
    "she never came off the Leeds train, 14",
    "he's on the flyover, legs over the rail",
    "woman walked into the sea fully dressed",
    "downed a whole packet of ibuprofen",
    "swallowed his nan's morphine",
    "man shooting out of a car window on Dock St",
    "bullet casings by the swings",
    "shank in his sock, yr 10",
    "lads with machetes want revenge at 6",
    "stabbed over an unpaid debt",
    "pipe and powder, detonator in the cellar",
    "petrol bombs stacked in the yard",
    "left the gas on and says everyone will die",
    "joining shabaab, brothers meeting him in Kenya",
    "following her home from college again",
    "hidden camera in her bathroom, ex did it",
    "snatched off her doorstep by masked lads",
    "pay 5k or he loses a finger",
    "passed between men in a flat over the takeaway",
    "made to beg all day, gangmaster takes it",
    "works for food, sleeps in the barn, beaten",
    "syringe mark on his arm after the festival",
    "man put pills in her pint",
    "baby swallowed a magnet",
    "sends kids robux for nudes",
    "scout leader in a tent with one of the boys",
    "15 yo running heroin to Hull",
    "uncle lying in his own filth, emaciated",
    "resident with LD fed cat food",
    "acid threat, says he'll melt her",
    "stood on the tracks sobbing",
    "girl 8, breast binding with hot stones",
]


@pytest.mark.parametrize("note", DANGER)
def test_a_note_of_what_is_done_to_somebody_is_high(note: str) -> None:
    assert is_high(note)


def test_what_is_for_notes_alone_is_not_read_in_a_longer_text() -> None:
    note = "follows her home every night, tracker on car"
    longer = f"{note} " + "and the blinds in the hall are new " * (TERSE // 8 + 1)
    for text, is_read in ((note, True), (longer, False)):
        windows = read_windows(read_text(text, LEXICON, LEARNED.families.of), LEXICON)
        assert any(rule.id == "deeds.stalked" for one in windows for rule, _ in one.fired) is is_read


def test_what_is_for_notes_alone_is_nothing_that_the_learned_part_weighs() -> None:
    texts = {"a.yaml": HEAD + "concepts: {a: 'knife'}", "b.yaml": HEAD + "weighed: false\nconcepts: {b: 'bag'}"}
    lexicon = build_lexicon(texts)
    assert lexicon.weighed == {"a"}
    assert lexicon.of_longer is not None
    assert set(lexicon.starts) == {"knife", "bag"}
    assert set(lexicon.of_longer.starts) == {"knife"}
