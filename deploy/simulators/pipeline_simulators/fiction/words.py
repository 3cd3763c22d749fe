"""The words of made-up submissions: names of sources, names of subjects, places."""

# Names of sources and submitters. No part of these names occurs in any other list or sentence.
SOURCE_FIRST = (
    "Margaret", "Colin", "Priya", "Gwendolyn", "Tobias", "Zainab", "Rosalind", "Desmond", "Imelda", "Hamish",
    "Nkechi", "Bronwen", "Leopold", "Shanthi", "Cedric", "Philippa", "Jerome", "Winifred", "Anselm", "Odette",
)  # fmt: skip
SOURCE_LAST = (
    "Entwistle", "Adeyemi", "Ramanathan", "Wolstenholme", "Oyelaran", "Szczepanik", "Hathersage", "Quillfeather",
    "Brackenbury", "Abernethy", "Okonjo", "Pemberthy", "Skelmersdale", "Vaidyanathan", "Tregenza", "Mbatha",
    "Llewelyn", "Fotheringay", "Dziedzic", "Ormerod",
)  # fmt: skip
SOURCE_STREETS = (
    "Garnet Terrace",
    "Plover Rise",
    "Quarrymen's Row",
    "Saltmarsh Lane",
    "Tenterfield Close",
    "Wharfinger Walk",
)
SOURCE_POSTCODES = ("QJ1", "QJ4", "QJ7")
RELATIONSHIPS = ("neighbour", "aunt", "landlady", "former partner", "grandmother", "godfather", "flatmate")

# Names of subjects.
FIRST = (
    "Lee", "Kayleigh", "Jordan", "Tyler", "Aaron", "Chantelle", "Dean", "Kyle", "Mason", "Ryan", "Stacey", "Connor",
    "Shane", "Liam", "Brooke", "Callum", "Jade", "Reece", "Kieran", "Nazir", "Adam", "Leanne", "Darius", "Ewa",
    "Tomasz", "Abdi", "Sinead", "Corey", "Mikey", "Yasmin",
)  # fmt: skip
LAST = (
    "Hargreaves", "Doyle", "Pickersgill", "Sutcliffe", "Begum", "Kowalski", "Hussain", "Greenhalgh", "Murphy",
    "Ackroyd", "Iqbal", "Tordoff", "Nowak", "Beaumont", "Clegg", "Farrow", "Lockwood", "Naylor", "Sykes", "Varley",
    "Crowther", "Dyson", "Haigh", "Jagger", "Womersley",
)  # fmt: skip
ALIASES = ("", "", "", "", "Haggy", "Titch", "Big D", "Smiler", "Ginge", "Ace", "Brick", "Bones")
DESCRIPTIONS = (
    "", "", "about 6 feet, shaved head", "slim, red hair to the shoulders", "tattoo of a swallow on the left hand",
    "walks with a limp", "grey tracksuit, black cap", "heavy build, full beard", "gold front tooth", "school blazer",
)  # fmt: skip
STREETS = (
    "Cinder Hill", "Park Row", "Mill Dam Road", "Ropery Street", "Canal View", "Chapel Fold", "Lister Avenue",
    "Gasworks Lane", "Victoria Parade", "Bobbin Court", "Weavers Green", "Station Approach",
)  # fmt: skip
TOWNS = ("Hexley", "Dunford Bridge End", "Castlebeck", "Marfield", "Ossingley", "Thackthwaite")
POSTCODES = ("XQ1", "XQ2", "XQ5", "ZH3", "ZH8", "ZH9")
SPOTS = (
    "the underpass", "the bus station", "the skate park", "the car wash", "the rear yard", "the lock-up garages",
    "the takeaway", "the launderette", "the multi-storey car park", "the canal bridge", "the allotments",
    "the off-licence", "the side gate", "the bandstand", "the stairwell on the third floor", "the disused mill",
)  # fmt: skip
VEHICLES = (
    "white Volkswagen Golf", "black Audi A3", "silver Ford Transit", "blue Vauxhall Corsa", "grey BMW 1 Series",
    "red moped without plates", "dark green Land Rover", "white Mercedes Sprinter", "black electric bike",
)  # fmt: skip
WHEN = (
    "on Tuesday evening", "last Friday night", "over the weekend", "every weekday after three",
    "since the start of term", "for about a fortnight", "at around 02:00", "just before closing time",
    "twice this week",
    "on Sunday morning", "most nights", "between eleven and midnight", "during half term", "on the day of the market",
)  # fmt: skip
