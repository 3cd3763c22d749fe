"""Made-up submissions: invented people, places and events for the feed, the demonstration and the measurements.

No person in them exists. Telephone numbers are Ofcom's drama numbers, e-mail addresses end in example.org, and no real
town or postcode area has these names. Sources and subjects come from separate word lists, so a source is named in a
text only where the generator intends it.
"""

from pipeline_simulators.fiction.submissions import AGENCIES, Flaw, MadeUp, MadeUpAgency, made_up_submissions

__all__ = ["AGENCIES", "Flaw", "MadeUp", "MadeUpAgency", "made_up_submissions"]
