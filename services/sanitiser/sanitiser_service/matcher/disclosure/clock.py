"""Finds exact times: few people know the minute of an event, so a person reads such a text first (D-S6).

An hour ("at 3pm", "15:00") passes. A number wrongly taken for a time costs a reviewer one look and nothing else.
"""

import re

from sanitiser_service.matcher.text.reading import Reading

_HOUR, _MINUTE = r"(?:[01]?\d|2[0-3])", r"(?!00)[0-5]\d"
_NUMBER = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|midnight|midday|noon|1[0-2]|[1-9])"
_MINUTES = r"(?:half|quarter|five|ten|twenty(?:[ -]?(?:one|two|three|four|five|six|seven|eight|nine))?|[1-5]?\d)"
_TIME = re.compile(
    rf"(?<![\w.,:£$€/-]){_HOUR}:{_MINUTE}(?![\d:]*[\w%])"  # 15:23
    rf"|\b{_HOUR}h{_MINUTE}\b"
    rf"|(?<![\d:]){_HOUR}:[0-5]\d:[0-5]\d|\dt{_HOUR}:?{_MINUTE}"  # 15:23:40, 2026-07-01T15:23Z
    rf"|(?<![\w.,£$€])(?:{_HOUR}[.:h ]?{_MINUTE}) ?(?:am|pm|a\.m|p\.m|hrs?|hours)\b"  # 3.23pm, 1523 hrs
    rf"|(?:\bat|\bby|\bsince|\buntil|\btill|@) ?{_HOUR}[.h]{_MINUTE}\b(?! ?(?:%|m\b|km|miles?|kg|per))"
    rf"|\b{_MINUTES}(?: minutes?)? past {_NUMBER}\b"
    rf"|\b(?:half|quarter) (?:past|to|gone) {_NUMBER}\b"
    rf"|\b{_MINUTES} minutes? to {_NUMBER}\b",
)


def tells_the_time(reading: Reading) -> bool:
    """Tell whether a text contains a time to the minute."""
    return _TIME.search(reading.folded.text) is not None
