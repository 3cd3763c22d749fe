"""What made-up submissions tell: sentences by category, with gaps for people, places, times and vehicles."""

from pipeline_shared.submission import Category

TITLES: dict[Category, tuple[str, ...]] = {
    Category.CHILD_EXPLOITATION: (
        "Pupil collected by an unknown adult",
        "Gifts to a child",
        "Child missing at night",
        "",
    ),
    Category.DRUGS: (
        "Visitors at all hours",
        "Dealing near a playground",
        "Deliveries by moped",
        "Smell of cannabis",
        "",
    ),
    Category.WEAPONS: ("Knife seen", "Talk of a firearm", "Blade hidden in a hedge", ""),
    Category.SERIOUS_VIOLENCE: ("Threats between two groups", "Fight planned", "Injuries not explained", ""),
    Category.DOMESTIC_ABUSE: ("Shouting and crying next door", "Bruises", "Controlling behaviour", ""),
    Category.MODERN_SLAVERY: ("Workers driven away at night", "Many people in one flat", "Wages kept", ""),
    Category.SEXUAL_OFFENCES: ("Images passed around", "Unwanted attention at a bus stop", ""),
    Category.TERRORISM: ("Extremist leaflets", "Worrying remarks about an attack"),
    Category.THEFT_AND_FRAUD: ("Stolen bicycles for sale", "Doorstep fraud", "Catalytic converters", ""),
    Category.ANTISOCIAL_BEHAVIOUR: ("Noise and rubbish", "Fires in bins", "Gathering in the stairwell", ""),
    Category.OTHER: ("Something that does not fit", "Concern", ""),
}

OPENINGS: dict[Category, tuple[str, ...]] = {
    Category.CHILD_EXPLOITATION: (
        "{who} was collected at {spot} by a man in a {vehicle} {when}.",
        "{who} has come in with new trainers and a second phone and will not say who paid for them.",
        "{when_} {who} was seen getting into a {vehicle} with {other}, who is much older.",
        "{other} waits for {who} at {spot} {when} and buys food and vapes.",
        "{who} was away from home {when} and came back with cash and a train ticket.",
    ),
    Category.DRUGS: (
        "{who} has visitors for a minute each until three in the morning, {when}.",
        "Small packets change hands at {spot} {when}; {who} keeps watch while {other} serves.",
        "A {vehicle} stops at {spot} {when}, and people walk up to the window one after another.",
        "{who} has let {other} take over the flat and is rarely seen now.",
        "There is a strong smell of cannabis and a hum of fans from {spot} {when}.",
    ),
    Category.WEAPONS: (
        "{who} showed a knife to {other} at {spot} {when}.",
        "{who} said {when} that a gun is kept under the floor at {spot}.",
        "A machete was found wrapped in a towel at {spot}; {who} came back looking for it.",
        "{other} has started to wear a stab vest because of {who}.",
    ),
    Category.SERIOUS_VIOLENCE: (
        "{who} and {other} have threatened each other {when}, and a fight is planned at {spot}.",
        "{who} came back from {spot} with a broken hand and a story that kept changing.",
        "A group around {who} beat a boy at {spot} {when} and filmed it.",
        "{who} said that {other} would be put in hospital before the month is out.",
    ),
    Category.DOMESTIC_ABUSE: (
        "{who} shouts at {other} {when}, things are thrown, and afterwards it is very quiet.",
        "{other} had bruises on both wrists {when} and looked at {who} before every answer.",
        "{who} waits outside whenever {other} has an appointment and keeps hold of the phone.",
        "{other} asked where the nearest refuge is and then begged that {who} must not hear of it.",
    ),
    Category.MODERN_SLAVERY: (
        "Eight or nine men are driven off in a {vehicle} {when} and brought back after dark; {who} holds the keys.",
        "{other} works at {spot} seven days a week and says that {who} keeps the wages for rent.",
        "Mattresses cover the floor at {spot}, and {who} collects the passports of whoever arrives.",
        "{other} does not know the address and is not allowed out without {who}.",
    ),
    Category.SEXUAL_OFFENCES: (
        "{who} has been passing around pictures of {other} {when}.",
        "{who} follows girls from {spot} {when} and stands too close.",
        "{other} said that {who} would not let go at {spot} {when} and became very upset.",
    ),
    Category.TERRORISM: (
        "{who} handed out leaflets at {spot} {when} that praise an attack abroad.",
        "{who} talked {when} about making people pay and asked {other} where crowds gather.",
    ),
    Category.THEFT_AND_FRAUD: (
        "Bicycles with the locks cut off are kept at {spot}, and {who} sells them {when}.",
        "{who} went from door to door {when} offering roof repairs and took {other} to the cash machine.",
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
        "Something about {who} at {spot} {when} felt wrong.",
        "{who} asked {when} how the alarm at {spot} works and wrote it down.",
        "A drone hovered over {spot} {when}; {who} was seen with the controller.",
    ),
}

# Told of nobody in particular: what a rumour sounds like.
RUMOURS = (
    "People say that something is going on at {spot} {when}.",
    "It is said that things are sold at {spot} {when}, but nobody would say by whom.",
    "There is talk that somebody at {spot} is not what they seem.",
    "Somebody heard somebody say that there will be trouble {when}.",
)

DETAILS = (
    "The {vehicle} was there again afterwards.",
    "{other} was with them and looked frightened.",
    "Money was counted in the open.",
    "{who} left in a hurry when a marked car went by.",
    "They use the back way through {spot}, where there is no lighting.",
    "It has been getting worse.",
    "A second phone rang the whole time and was never answered.",
    "{who} boasted about it afterwards.",
    "Two younger boys were sent to fetch something from {spot}.",
    "The curtains have been closed day and night.",
    "{other} has not been seen since.",
    "The same three people come each time and never stay long.",
    "A child of about six was in the room.",
    "{who} has a key to {spot} that nobody gave out.",
    "The dog there has been trained to bite.",
    "An older man seems to tell {who} what to do.",
    "{other} would talk if somebody asked quietly.",
    "There is a camera over the door that was not there before.",
    "Part of a number plate was covered with tape.",
    "Nobody has called the emergency number so far.",
)

CLOSINGS = (
    "This may be nothing, but it is better to pass it on.",
    "It is not known whether anybody else has passed this on.",
    "No photographs were taken.",
    "It would be best not to go there in uniform.",
    "It is likely to happen again.",
    "Nothing has been said to {who} about this.",
    "There is likely to be more to tell in a week.",
    "",
    "",
    "",
)

# What names the source or the submitter in so many words: work for the sanitiser.
GIVEAWAYS = (
    "{source} saw this with their own eyes.",
    "{source_first} told the {submitter_role} about it straight away.",
    "Please ring {submitter} on {submitter_phone} before you do anything.",
    "As the {submitter_role} here I have seen this before.",
    "It was written down by {submitter} of {agency} the same day.",
    "{source_last} does not want to be named.",
)
