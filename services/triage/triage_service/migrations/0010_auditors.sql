-- Auditors compare what people did with its entries in the audit: who did it, to what and when; never what a case says.
GRANT SELECT (case_id, state) ON triage_case TO :auditor;
GRANT SELECT (case_id, decided_by, decided_at) ON decision TO :auditor;
GRANT SELECT (case_id, reopened_by, reopened_at) ON reopening TO :auditor;
GRANT SELECT (flag_id, acknowledged_by, acknowledged_at) ON safety_flag TO :auditor;
GRANT SELECT (flag_id, taken_by, taken_at) ON flag_takeover TO :auditor;
CREATE POLICY auditor ON triage_case FOR SELECT TO :auditor USING (true);
CREATE POLICY auditor ON decision FOR SELECT TO :auditor USING (true);
CREATE POLICY auditor ON reopening FOR SELECT TO :auditor USING (true);
CREATE POLICY auditor ON safety_flag FOR SELECT TO :auditor USING (true);
CREATE POLICY auditor ON flag_takeover FOR SELECT TO :auditor USING (true);
