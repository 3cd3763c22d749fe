"""The preview of a flagged submission, published to triage before the submission is sanitised."""
