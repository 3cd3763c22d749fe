"""The proportionality rules: a decision table that recommends and says why (D-T1, D-T2, D-T3)."""
