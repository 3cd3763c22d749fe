-- Operators see where transfers stand, never what is handed over; and they can have a parked one tried again, in doubt only.
GRANT SELECT (record_ref, state, accepted_at, attempts, error, settled_at) ON transfer TO :operator;
GRANT UPDATE (state, settled_at, error, in_doubt, unclear, due_at) ON transfer TO :operator;
CREATE POLICY operator_sees ON transfer FOR SELECT TO :operator USING (true);
CREATE POLICY operator_repeats ON transfer FOR UPDATE TO :operator
    USING (state = 'parked') WITH CHECK (
        state = 'waiting' AND in_doubt AND due_at <= now() AND unclear = 0 AND settled_at IS NULL AND error IS NULL);
