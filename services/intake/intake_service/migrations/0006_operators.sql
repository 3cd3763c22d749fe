-- Operators administer agencies and keys. Of submissions they see how many there are, never whose.
GRANT SELECT ON agency TO :operator;
GRANT INSERT (agency_id, name, category) ON agency TO :operator;
GRANT UPDATE (category, enabled, per_minute, burst) ON agency TO :operator;
GRANT SELECT (prefix, agency_id, created_at, expires_at, revoked_at, last_used_on, per_minute, burst)
    ON agency_key TO :operator;
GRANT INSERT (prefix, agency_id, secret_hmac, expires_at) ON agency_key TO :operator;
GRANT UPDATE (revoked_at, per_minute, burst) ON agency_key TO :operator;

-- A key that has ended stays ended, and a new one ends within the longest time that the command allows.
ALTER TABLE agency_key ENABLE ROW LEVEL SECURITY;
CREATE POLICY app ON agency_key TO :app USING (true) WITH CHECK (true);
CREATE POLICY operator_sees ON agency_key FOR SELECT TO :operator USING (true);
CREATE POLICY operator_adds ON agency_key FOR INSERT TO :operator
    WITH CHECK (expires_at <= now() + interval '1100 days');
CREATE POLICY operator_changes ON agency_key FOR UPDATE TO :operator USING (revoked_at IS NULL) WITH CHECK (true);

-- The commands say in the audit who did what. Without a command, the rows still say in which role it was done, and when.
CREATE FUNCTION audit_agencies() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO audit (actor, action, subject, reason)
    VALUES ('operator:role:' || session_user, 'row_' || lower(TG_OP), CASE TG_TABLE_NAME
        WHEN 'agency' THEN to_jsonb(NEW) ->> 'agency_id' ELSE to_jsonb(NEW) ->> 'prefix' END, TG_TABLE_NAME);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION audit_agencies FROM PUBLIC;
CREATE TRIGGER audited AFTER INSERT OR UPDATE OF category, enabled, per_minute, burst ON agency
    FOR EACH ROW EXECUTE FUNCTION audit_agencies();
CREATE TRIGGER audited AFTER INSERT OR UPDATE OF secret_hmac, expires_at, revoked_at, per_minute, burst ON agency_key
    FOR EACH ROW EXECUTE FUNCTION audit_agencies();

GRANT SELECT (submission_ref) ON submission TO :operator;
CREATE POLICY operator ON submission FOR SELECT TO :operator USING (true);
