"""The safety screen (D-T0): what an officer must see within seconds, found before anything else is done.

Pure and explained: every hit names its rule and the place of the phrase. What the rules know stands in `data/`, which
the intelligence unit owns. The screen only ever raises: no answer and no phrase makes a submission less urgent.
"""
