-- Operators enter what they did as operators, at the time of this transaction; no process enters anything in their name. The
-- role in which a row was written is therefore the proof of the door that it came through.
GRANT INSERT (at, actor, action, subject, reason, sign_in, proof) ON audit TO :operator;
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY app ON audit TO :app USING (true) WITH CHECK (actor !~* '^operator:');
CREATE POLICY operator ON audit FOR INSERT TO :operator WITH CHECK (actor LIKE 'operator:%' AND at = now());

-- Those who check an audit read it, and nothing else.
GRANT SELECT ON audit TO :auditor;
CREATE POLICY auditor ON audit FOR SELECT TO :auditor USING (true);
