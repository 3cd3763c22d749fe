"""Names of source and submitter, in every form a text may give them."""
