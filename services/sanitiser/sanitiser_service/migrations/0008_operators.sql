-- The shared migration lets a service enter people, too; here only the desk has people, and the worker reads no entry.
DROP POLICY app ON audit;
DROP POLICY app_reads ON audit;
DROP POLICY worker ON audit;
CREATE POLICY worker ON audit FOR INSERT TO :app WITH CHECK (actor ~ '^service:sanitiser(\.|$)');

-- The desk refuses an older bundle, too: what it signed with a withdrawn key, no reader would accept.
GRANT SELECT, INSERT, UPDATE ON key_bundle TO :desk;

-- Operators see how many submissions are held and sanitised. They cannot follow one to the open side (D-S1).
GRANT SELECT (submission_ref, state, held_at) ON held TO :operator;
GRANT SELECT (submission_ref) ON source_record TO :operator;
CREATE POLICY operator ON held FOR SELECT TO :operator USING (true);
CREATE POLICY operator ON source_record FOR SELECT TO :operator USING (true);

-- The log of a key ceremony is carried to the audit once: what is there already must be seen.
GRANT SELECT (action, subject, reason) ON audit TO :operator;
CREATE POLICY operator_carries ON audit FOR SELECT TO :operator USING (action = 'ceremony_act_carried');

-- Where the law requires it, one sealed record leaves, together with its entry in the audit; only the offline keys open it.
CREATE FUNCTION take_sealed_source(wanted uuid, operator text, why text, proven_by text) RETURNS bytea
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF operator NOT LIKE 'operator:%' OR btrim(why) = '' OR proven_by = '' THEN
        RAISE insufficient_privilege;
    END IF;
    INSERT INTO audit (actor, action, subject, reason, sign_in)
    VALUES (operator, 'sealed_source_taken', wanted::text, why, proven_by);
    RETURN (SELECT sealed FROM source_record WHERE source_ref = wanted);
END $$;
REVOKE ALL ON FUNCTION take_sealed_source FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_sealed_source TO :operator;
