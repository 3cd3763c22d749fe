"""SQL for auditors: what people did at the source desk, to compare it with the audit."""

# Of each act: the actions of the audit of which one must name it, who acted (NULL: the row does not say), how often.
# A row names the last decision only; its version counts all.
ACTS = """
SELECT ARRAY['held_submission_' || state] AS actions, decided_by AS actor, submission_ref AS subject, 1 AS times,
    decided_at AS at
FROM held WHERE decided_by IS NOT NULL
UNION ALL SELECT ARRAY['held_submission_' || state, 'held_submission_kept', 'held_submission_released'], NULL,
    submission_ref, greatest(version - 1, (state <> 'waiting')::integer), decided_at
FROM held WHERE version > 1 OR state <> 'waiting'
"""
