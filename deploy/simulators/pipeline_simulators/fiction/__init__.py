"""Made-up submissions: invented people, places and events for the feed, the demonstration and the measurements.

Nobody in them exists. Telephone numbers are Ofcom's for drama, mail addresses end in example.org, towns and postcode
areas were never given out. Sources and subjects are drawn from words that never meet, so that a source is named in a
text only where the generator means it.
"""

from pipeline_simulators.fiction.submissions import AGENCIES, Flaw, MadeUp, MadeUpAgency, made_up_submissions

__all__ = ["AGENCIES", "Flaw", "MadeUp", "MadeUpAgency", "made_up_submissions"]
