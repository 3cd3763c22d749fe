"""Days and parts of days in UK local time, for every time zone of the machine."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

LOCAL_TIME = ZoneInfo("Europe/London")


def day_of(moment: datetime) -> date:
    """Return the local day of a moment."""
    return moment.astimezone(LOCAL_TIME).date()


def start_of_day(moment: datetime) -> datetime:
    """Return the moment at which the local day of a moment began."""
    return datetime.combine(day_of(moment), time(), LOCAL_TIME)
