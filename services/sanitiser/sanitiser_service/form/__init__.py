"""The form of a submission: its text fields, and the values in it that must not be published."""
