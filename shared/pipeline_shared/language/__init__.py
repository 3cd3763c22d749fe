"""The words that services speak. All that identifies who spoke stands apart, in `restricted`."""
