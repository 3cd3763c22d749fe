"""Transfer: sends each decided record to the police system once, and reports the police reference back."""
