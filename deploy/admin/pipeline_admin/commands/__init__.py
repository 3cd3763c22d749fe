"""The commands of operations, one file for each group."""
