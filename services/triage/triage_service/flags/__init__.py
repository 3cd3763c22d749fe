"""Safety flags: a person may be at risk (D-T0)."""
