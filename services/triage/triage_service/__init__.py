"""Triage: rules recommend, an officer decides, and the decision goes on to transfer."""
