-- Auditors compare what people did with its entries in the audit: who did it, to what and when; never what is sealed.
GRANT SELECT (submission_ref, state, version, decided_by, decided_at) ON held TO :auditor;
CREATE POLICY auditor ON held FOR SELECT TO :auditor USING (true);
