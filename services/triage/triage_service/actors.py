"""Who acts in triage: the service by itself, and the people who may see its pages."""

from pipeline_shared.web.identity.people import Role

SERVICE = "service:triage"  # in the audit, what no person did
DECIDERS = (Role.TRIAGE_OFFICER, Role.TRIAGE_SUPERVISOR)
