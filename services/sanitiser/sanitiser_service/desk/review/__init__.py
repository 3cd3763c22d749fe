"""The review of held submissions: the software proposes, a vetted person decides."""
