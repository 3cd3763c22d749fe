"""The preview of a HIGH submission, published to triage before the submission is sanitised."""
