"""What careless or hostile senders put around a text, or do to its letters; none of it should hide a danger."""

from collections.abc import Callable

GREETING = (
    "Good morning team, hope you all had a good weekend. Just a quick one from the office before the holidays start. "
)
SIGNATURE = "\nKind regards, Karen Hill, Tenancy Officer, Brambleford Homes, office hours nine to five."
FOOTER = "\nThis email is confidential and meant only for the person named above. Please think of the environment."
REPORT = "The communal lights on the second landing have failed again and the bin store door does not close properly. "
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}

DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "greeting": lambda text: GREETING + text,
    "signature": lambda text: text + SIGNATURE,
    "greeting, signature, footer": lambda text: GREETING + text + SIGNATURE + FOOTER,
    "between two reports": lambda text: f"{REPORT}{REPORT}{text} {REPORT}",
    "full-width letters": lambda text: text.translate(FULL_WIDTH),
    "spoilt spaces": lambda text: text.replace(" ", "\ufffd"),
}
