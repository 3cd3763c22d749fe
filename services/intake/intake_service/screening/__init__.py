"""The safety screen (D-T0) finds submissions that an officer must see within seconds.

It is pure, and it explains its result: every hit has its rule and the place of the phrase. The intelligence unit owns
the rules and weights in `data/`. A risk question answered with yes, or a certain rule, always makes a submission HIGH.
All other phrases are weighed together with the words around them, so that harmless words can outweigh them.
`screen_process.py` runs the screen in child processes; no other module here does IO.
"""
