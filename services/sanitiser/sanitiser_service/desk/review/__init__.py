"""The review of held submissions: the software proposes, and a vetted person decides."""
