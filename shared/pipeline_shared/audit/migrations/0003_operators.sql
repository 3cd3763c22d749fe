-- Operators enter what they did as operators; no process enters anything in their name, and a service only in its own. Nobody
-- enters anything at another time: a process may name the day instead of the moment (D-S6). The role in which a row was
-- written is therefore the proof of the door that it came through.
GRANT INSERT (at, actor, action, subject, reason, sign_in, proof) ON audit TO :operator;
REVOKE INSERT ON audit FROM :app;
GRANT INSERT (at, actor, action, subject, reason, sign_in, proof) ON audit TO :app;
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY app_reads ON audit FOR SELECT TO :app USING (true);
CREATE POLICY app ON audit FOR INSERT TO :app WITH CHECK (
    actor !~* '^(operator|service):' OR actor ~ ('^service:' || split_part(current_user, '_', 1) || '(\.|$)'));
CREATE POLICY now ON audit AS RESTRICTIVE FOR INSERT WITH CHECK (
    at BETWEEN now() - interval '26 hours' AND now() + interval '5 minutes');
CREATE POLICY operator ON audit FOR INSERT TO :operator WITH CHECK (actor LIKE 'operator:%' AND at = now());

-- Those who check an audit read it, and nothing else.
GRANT SELECT ON audit TO :auditor;
CREATE POLICY auditor ON audit FOR SELECT TO :auditor USING (true);
