"""The flags that each session has seen. A list that refreshes by itself is logged only when it shows something new."""

from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from triage_service.flags.domain import SafetyFlag

MOST_SESSIONS = 1_000
MOST_SIGHTS = 1_000  # per session

Sight = tuple[UUID, bool]  # a flag, and whether its preview was shown


def sights_of(flags: Iterable[SafetyFlag]) -> list[Sight]:
    """Return the sights of some flags. A flag with its preview is another sight than the flag alone."""
    return [(flag.flag_id, flag.is_previewed) for flag in flags]


class Shown:
    """The sights of each session, in bounded memory. A forgotten sight is logged once more."""

    def __init__(self) -> None:
        self._sights: OrderedDict[str, set[Sight]] = OrderedDict()

    def is_new(self, session: str, sights: Iterable[Sight]) -> bool:
        """Tell whether these sights include one that the session has not seen, as far as is remembered."""
        return not self._sights.get(session, set[Sight]()).issuperset(sights)

    def remember(self, session: str, sights: Iterable[Sight]) -> None:
        """Remember the sights of a session. Call it after the commit of the audit row."""
        known = self._sights.setdefault(session, set[Sight]())
        self._sights.move_to_end(session)
        known.update(sights)
        if len(known) > MOST_SIGHTS:
            known.clear()
        if len(self._sights) > MOST_SESSIONS:
            self._sights.popitem(last=False)
