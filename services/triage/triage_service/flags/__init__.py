"""Safety flags: somebody may be at risk (D-T0)."""
