"""Made-up submissions: invented people, places and events for the demonstration and the measurements.

The demonstration and the feed send an ordinary week (`week.py`). The measurements need many different submissions and
make them up from sentences (`submissions.py`): most of these are plain descriptions that go onward without a reader.

No person in them exists. Telephone numbers are Ofcom's drama numbers, e-mail addresses end in example.org, and no real
town or postcode area has these names. In those made up from sentences, sources and
subjects come from separate word lists, so a source is named in a text only where the generator intends it.
"""

from pipeline_simulators.fiction.submissions import AGENCIES, Flaw, MadeUp, MadeUpAgency, made_up_submissions

__all__ = ["AGENCIES", "Flaw", "MadeUp", "MadeUpAgency", "made_up_submissions"]
