"""SQL for auditors: what people did in triage, to compare it with the audit."""

# Of each act: the actions of the audit of which one must name it, who acted (NULL: the row does not say), how often.
# A case was decided once more than it was reopened, unless it waits again; a state without its decisions or its
# reopening was changed past the site.
ACTS = """
SELECT ARRAY['case_decided'] AS actions, decided_by AS actor, case_id AS subject, 1 AS times, decided_at AS at
FROM decision
UNION ALL SELECT ARRAY['case_reopened'], reopened_by, case_id, 1, reopened_at FROM reopening
UNION ALL SELECT ARRAY['safety_flag_taken_over'], taken_by, flag_id, 1, taken_at FROM flag_takeover
UNION ALL SELECT ARRAY['safety_flag_acknowledged', 'safety_flag_taken_over'], acknowledged_by, flag_id, 1,
    acknowledged_at FROM safety_flag WHERE acknowledged_by IS NOT NULL
UNION ALL SELECT ARRAY['case_decided', 'recorded_before_restore'], NULL, case_id,
    ((SELECT count(*) FROM reopening WHERE reopening.case_id = triage_case.case_id)
        + (state NOT IN ('waiting', 'under_correction'))::integer)::integer, NULL
FROM triage_case
UNION ALL SELECT ARRAY['case_reopened'], NULL, case_id, 1, decided_at
FROM decision JOIN triage_case USING (case_id) WHERE state IN ('waiting', 'under_correction')
"""
