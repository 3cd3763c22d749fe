"""The words that services speak. All types that identify the source are apart, in `restricted`."""
