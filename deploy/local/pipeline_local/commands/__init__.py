"""The commands behind `pipeline`, one file for each group."""
