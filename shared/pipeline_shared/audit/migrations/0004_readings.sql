-- An auditor's reading is an act, too: its entry, with the proof of who reads, is the only thing that their role may write.
GRANT INSERT (at, actor, action, subject, reason, sign_in, proof) ON audit TO :auditor;
CREATE POLICY auditor_reads ON audit FOR INSERT TO :auditor WITH CHECK (
    actor LIKE 'operator:%' AND action IN ('operator_proven', 'audit_verified') AND at = now());
