"""The proportionality rules: a decision table that recommends and gives reasons (D-T1, D-T2, D-T3)."""
