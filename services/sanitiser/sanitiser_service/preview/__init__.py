"""The preview of a HIGH submission: what an officer may see before the text has been sanitised (D-T0)."""
