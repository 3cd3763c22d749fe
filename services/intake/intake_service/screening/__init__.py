"""The safety screen (D-T0): what an officer must see within seconds, found before anything else is done.

Pure and explained: every hit names its rule and the place of the phrase. What the rules and weights know stands in
`data/`, which the intelligence unit owns. A risk answered with yes and a rule that is certain always raise; all other
phrases are weighed with what stands around them, so that harmless words can outweigh them. `screen_process.py` runs the
screen in processes of its own; nothing else here does IO.
"""
