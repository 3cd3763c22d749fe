"""Triage: rules recommend, an officer decides, the record goes on its way."""
