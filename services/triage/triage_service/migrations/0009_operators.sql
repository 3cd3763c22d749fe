-- Operators see how many cases there are in each state, and the reference of a case's source; never what a case says.
GRANT SELECT (case_id, source_ref, state, received_on) ON triage_case TO :operator;
CREATE POLICY operator ON triage_case FOR SELECT TO :operator USING (true);
