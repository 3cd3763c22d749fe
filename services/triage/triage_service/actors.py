"""The actors of triage: the service itself, and the people with access to its pages."""

from pipeline_shared.web.identity.people import Role

SERVICE = "service:triage"  # the actor in the audit for acts without a person
DECIDERS = (Role.TRIAGE_OFFICER, Role.TRIAGE_SUPERVISOR)
