"""Finds what a message says besides its greeting, signature and footer, which are about nothing.

A short note counts as a short note also in an e-mail. The whole text is weighed as well, so nothing can hide in a
courtesy.
"""

import re

OPENINGS = (
    r"hi|hiya|hello|hey|dear|morning|afternoon|evening|good (?:morning|afternoon|evening|day)|to whom it may concern|"
    r"hope (?:you|all|this)|i hope|just a quick|quick (?:one|note)|please (?:see|find) (?:below|attached)|"
    r"apologies|sorry|fyi|for (?:your )?info(?:rmation)?|passed on|passing on|following our|further to our|as discussed"
)
CLOSINGS = (
    r"kind(?:est)? regards|(?:best|warm|many) regards|regards|best wishes|all the best|best,|many thanks|with thanks|"
    r"thanks|thank you|cheers|yours (?:faithfully|sincerely|truly)|sincerely|sent from (?:my|a|outlook)|"
    r"this (?:e-?mail|message) (?:is|and|may)|the contents? of this|confidential(?:ity)? notice|disclaimer|"
    r"please (?:consider|think of) the environment|office hours|working (?:days|hours)"
)
LONGEST = 160  # letters of a sentence of greeting
_OPENING = re.compile(rf"\s*(?:{OPENINGS})\b[^.!?\n]{{0,{LONGEST}}}?(?:[.!?\n]+|,\s)", re.IGNORECASE)
_CLOSING = re.compile(rf"(?:^|(?<=[\n.!?]))([\s\-–—]*(?:{CLOSINGS})(?!\w))", re.IGNORECASE)  # noqa: RUF001 - dashes before a name
MOST = 4  # sentences of greeting


def without_courtesies(text: str) -> tuple[int, int]:
    """Return the start and end of what a text says, between greeting and signature; of nothing else, the whole text."""
    start = 0
    for _ in range(MOST):
        opening = _OPENING.match(text, start)
        if not opening:
            break
        start = opening.end()
    closing = _CLOSING.search(text, start)
    end = closing.start(1) if closing else len(text)
    return (start, end) if text[start:end].strip(" .\n") else (0, len(text))
