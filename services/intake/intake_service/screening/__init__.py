"""The safety screen (D-T0): finds submissions that an officer must see within seconds, before anything else is done.

It is pure and explained: every hit names its rule and the place of the phrase. The rules and weights stand in `data/`,
which the intelligence unit owns. A risk answered with yes and a rule that is certain always raise; all other phrases
are weighed together with the words around them, so that harmless words can outweigh them. `screen_process.py` runs the
screen in processes of its own; nothing else here does IO.
"""
