"""Transfer: a decided record goes to the police records system once, and its reference comes back as receipt."""
