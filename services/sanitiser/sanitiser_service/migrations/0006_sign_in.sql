-- Only the desk has people: the worker sees nothing of their sessions, names and kept forms. Both name the proof of who
-- acted in the audit.
REVOKE ALL ON session, person, kept_form FROM :app, :desk;
DROP POLICY session_app ON session;
DROP POLICY person_app ON person;
DROP POLICY kept_form_app ON kept_form;
CREATE POLICY desk ON session TO :desk USING (true) WITH CHECK (true);
CREATE POLICY desk ON person TO :desk USING (true) WITH CHECK (true);
CREATE POLICY desk ON kept_form TO :desk USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON session TO :desk;
GRANT UPDATE (facts, proof, tokens, seen_at, checking_until) ON session TO :desk;
GRANT SELECT, INSERT ON person TO :desk;
GRANT UPDATE (name, seen_at) ON person TO :desk;
GRANT SELECT, INSERT, DELETE ON kept_form TO :desk;
GRANT INSERT (sign_in, proof) ON audit TO :app, :desk;
