"""The sentences of made-up submissions by category, with gaps for people, places, times and vehicles."""

from pipeline_shared.language.vocabulary import Category

TITLES: dict[Category, tuple[str, ...]] = {
    Category.CHILD_EXPLOITATION: (
        "Boy collected by an unknown adult",
        "Gifts to a child",
        "Child missing at night",
        "",
    ),
    Category.DRUGS: (
        "Visitors at all hours",
        "Dealing near a playground",
        "Packets by moped",
        "Smell of cannabis",
        "",
    ),
    Category.WEAPONS: ("Knife seen", "A firearm in a flat", "Blade hidden in a hedge", ""),
    Category.SERIOUS_VIOLENCE: ("Threats between two groups", "Fight planned", "Injuries again and again", ""),
    Category.DOMESTIC_ABUSE: ("Shouting and blows at night", "Bruises", "Controlling behaviour", ""),
    Category.MODERN_SLAVERY: ("Men driven away at night", "Many people in one flat", "Wages kept", ""),
    Category.SEXUAL_OFFENCES: ("Images passed around", "Unwanted attention at a bus stop", ""),
    Category.TERRORISM: ("Extremist leaflets", "Plans for an attack"),
    Category.THEFT_AND_FRAUD: ("Stolen bicycles for sale", "Doorstep fraud", "Catalytic converters", ""),
    Category.ANTISOCIAL_BEHAVIOUR: ("Noise and rubbish", "Fires in bins", "Gathering in the stairwell", ""),
    Category.OTHER: ("Something that does not fit", "Hard to place", ""),
}

OPENINGS: dict[Category, tuple[str, ...]] = {
    Category.CHILD_EXPLOITATION: (
        "{who} was collected at {spot} by a man in a {vehicle} {when}.",
        "{who} has new trainers and a second phone, and {other} paid for them.",
        "{when_} {who} was seen getting into a {vehicle} with {other}, who is much older.",
        "{other} waits for {who} at {spot} {when} and buys food and vapes.",
        "{who} was away from home {when} and came back with cash and a train ticket.",
    ),
    Category.DRUGS: (
        "{who} has visitors for a minute each until three in the morning, {when}.",
        "Small packets change hands at {spot} {when}; {who} keeps watch while {other} serves.",
        "A {vehicle} stops at {spot} {when}, and people walk up to the window one after another.",
        "{who} has taken over the flat of {other}, who is rarely seen now.",
        "There is a strong smell of cannabis and a hum of fans from {spot} {when}.",
    ),
    Category.WEAPONS: (
        "{who} held a knife to {other} at {spot} {when}.",
        "{who} has kept a gun under the floor at {spot} {when}.",
        "A machete wrapped in a towel lies at {spot}; {who} comes back for it {when}.",
        "{other} has started to wear a stab vest because of {who}.",
    ),
    Category.SERIOUS_VIOLENCE: (
        "{who} and {other} have threatened each other {when}, and a fight is planned at {spot}.",
        "{who} came back from {spot} {when} with a broken hand and blood on both sleeves.",
        "A group around {who} beat a boy at {spot} {when} and filmed it.",
        "{who} means to break the legs of {other} before the month is out.",
    ),
    Category.DOMESTIC_ABUSE: (
        "{who} shouts at {other} {when}, things are thrown, and afterwards it is very quiet.",
        "{other} had bruises on both wrists {when}, and {who} never leaves the room.",
        "{who} follows {other} to the shops and back {when} and keeps hold of the phone.",
        "{other} has a bag packed behind {spot}, and {who} has taken the bank card and the keys.",
    ),
    Category.MODERN_SLAVERY: (
        "Eight or nine men are driven off in a {vehicle} {when} and brought back after dark; {who} holds the keys.",
        "{other} works at {spot} seven days a week, and {who} keeps the wages for rent.",
        "Mattresses cover the floor at {spot}, and {who} takes the passports of all who arrive.",
        "{other} sleeps at {spot} and is not allowed out without {who}.",
    ),
    Category.SEXUAL_OFFENCES: (
        "{who} has been passing around pictures of {other} {when}.",
        "{who} follows girls from {spot} {when} and stands too close.",
        "{who} held {other} by the arm at {spot} {when} and would not let go.",
    ),
    Category.TERRORISM: (
        "{who} handed out leaflets at {spot} {when} that praise an attack abroad.",
        "{who} and {other} measured the doors of {spot} {when} and have a list of crowded places.",
    ),
    Category.THEFT_AND_FRAUD: (
        "Bicycles with the locks cut off are kept at {spot}, and {who} sells them {when}.",
        "{who} went from door to door {when} with an offer of new roofs and took {other} to the cash machine.",
        "A {vehicle} was parked at {spot} {when} with exhaust parts in the back; {who} loaded more.",
        "{who} has charge of the bank card of {other}, who is eighty-four.",
    ),
    Category.ANTISOCIAL_BEHAVIOUR: (
        "A crowd of about ten meets at {spot} {when}, plays loud music and leaves glass behind.",
        "{who} set light to two bins at {spot} {when}.",
        "Eggs and stones were thrown at windows from {spot} {when}.",
        "Motorbikes race past {spot} {when}, and {who} was on one of them.",
    ),
    Category.OTHER: (
        "{who} paces up and down at {spot} {when} for hours on end.",
        "{who} took apart the alarm at {spot} {when} and left with two of its wires.",
        "A drone hovered over {spot} {when}; {who} was seen with the controller.",
    ),
}

# Rumours without a named subject.
RUMOURS = (
    "Something goes on at {spot} {when}.",
    "Things are sold at {spot} {when}; by whom is not clear.",
    "There is too much coming and going at {spot} {when}.",
    "There may be trouble at {spot} {when}.",
)

DETAILS = (
    "The {vehicle} was there again afterwards.",
    "{other} was with them and kept very still.",
    "Money changed hands in the open.",
    "{who} left in a hurry when a police car went by.",
    "They use the back way through {spot}, where there is no lighting.",
    "It has been getting worse.",
    "A second phone was in use the whole time.",
    "{who} laughed about it afterwards.",
    "Two younger boys were sent to fetch something from {spot}.",
    "The curtains have been closed day and night.",
    "{other} has not been seen since.",
    "The same three people come each time and never stay long.",
    "A child of about six was in the room.",
    "{who} has a copied key to {spot}.",
    "The dog there has been trained to bite.",
    "An older man gives {who} orders.",
    "{other} is made to carry the bags.",
    "There is a camera over the door that was not there before.",
    "Part of a number plate was covered with tape.",
    "The emergency number has not been called so far.",
)

CLOSINGS = (
    "This may be nothing.",
    "It may get worse.",
    "There are no pictures of it.",
    "It is best to go there after dark.",
    "It is likely to happen again.",
    "{who} keeps a lookout for police cars.",
    "There is likely to be more in a week.",
    "",
    "",
    "",
)

# Sentences that name the source or the submitter: work for the sanitiser.
GIVEAWAYS = (
    "{source} saw this with their own eyes.",
    "{source_first} told the {submitter_role} about it straight away.",
    "Please ring {submitter} on {submitter_phone} before you do anything.",
    "As the {submitter_role} here I have seen this before.",
    "It was written down by {submitter} of {agency} the same day.",
    "{source_last} does not want to be named.",
)
