"""A submission's form: its text fields, and the values in it that must not go onward."""
