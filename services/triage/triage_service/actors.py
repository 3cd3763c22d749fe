"""The actor of triage in the audit for acts without a person."""

SERVICE = "service:triage"
