"""The preview that triage sees of a HIGH submission before it is sanitised."""
