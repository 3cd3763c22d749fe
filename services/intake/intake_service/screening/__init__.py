"""The safety screen (D-T0) finds submissions that an officer must see within seconds.

It is pure, and it explains its result: every hit has its rule and the place of the phrase. The intelligence unit owns
the rules, weights and policy in `data/`. A submission is NOW, SOON or ordinary. Words and rules are weighed together;
a sentence encoder reads the texts that words alone cannot settle. A certain rule always makes a submission SOON at
least, and policy says what the form's answers mean.
`screen_process.py` runs the screen in child processes; no other module here does IO.
"""
