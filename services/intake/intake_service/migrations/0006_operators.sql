-- Operators administer agencies and keys. Of submissions they see how many there are, never whose.
GRANT SELECT ON agency TO :operator;
GRANT INSERT (agency_id, name, category) ON agency TO :operator;
GRANT UPDATE (category, enabled, per_minute, burst) ON agency TO :operator;
GRANT SELECT (prefix, agency_id, created_at, expires_at, revoked_at, last_used_on, per_minute, burst)
    ON agency_key TO :operator;
GRANT INSERT (prefix, agency_id, secret_hmac, expires_at) ON agency_key TO :operator;
GRANT UPDATE (revoked_at, per_minute, burst) ON agency_key TO :operator;

GRANT SELECT (submission_ref) ON submission TO :operator;
CREATE POLICY operator ON submission FOR SELECT TO :operator USING (true);
