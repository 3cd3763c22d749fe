"""The flags that each session has seen: a list that refreshes by itself is logged only when it shows more."""

from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from triage_service.flags.domain import SafetyFlag

MOST_SESSIONS = 1_000
MOST_SIGHTS = 1_000  # of one session

Sight = tuple[UUID, bool]  # a flag, and whether its preview was there


def sights_of(flags: Iterable[SafetyFlag]) -> list[Sight]:
    """Return what is to be seen of flags: with its preview there is more of one."""
    return [(flag.flag_id, flag.is_previewed) for flag in flags]


class Shown:
    """What each session has been shown of the flags, in bounded memory: what is forgotten is logged once more."""

    def __init__(self) -> None:
        self._sights: OrderedDict[str, set[Sight]] = OrderedDict()

    def is_new(self, session: str, sights: Iterable[Sight]) -> bool:
        """Tell whether a session is about to be shown something for the first time, as far as is remembered."""
        return not self._sights.get(session, set[Sight]()).issuperset(sights)

    def remember(self, session: str, sights: Iterable[Sight]) -> None:
        """Remember what a session is shown, once its row in the audit is committed."""
        known = self._sights.setdefault(session, set[Sight]())
        self._sights.move_to_end(session)
        known.update(sights)
        if len(known) > MOST_SIGHTS:
            known.clear()
        if len(self._sights) > MOST_SESSIONS:
            self._sights.popitem(last=False)
