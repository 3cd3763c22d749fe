"""The commands of `pipeline`, one file for each group."""
