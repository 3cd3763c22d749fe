-- Operators see where rows wait, never what is in them; and they can make a row wait again, never pass it over.
GRANT SELECT (id, event_id, topic, partition, key, created_at, published_at, set_aside_at, error, attempts)
    ON outbox TO :operator;
GRANT UPDATE (published_at, set_aside_at) ON outbox TO :operator;
GRANT SELECT (id, consumer, topic, partition, kafka_offset, error, attempts, state, parked_at, replayed_at)
    ON parked TO :operator;
GRANT UPDATE (state) ON parked TO :operator;

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE parked ENABLE ROW LEVEL SECURITY;
CREATE POLICY app ON outbox TO :app USING (true) WITH CHECK (true);
CREATE POLICY app ON parked TO :app USING (true) WITH CHECK (true);
CREATE POLICY operator_sees ON outbox FOR SELECT TO :operator USING (true);
CREATE POLICY operator_sees ON parked FOR SELECT TO :operator USING (true);
-- A row that waits for the relay is not theirs: locked by them, it would keep the relay waiting.
CREATE POLICY operator_repeats ON outbox FOR UPDATE TO :operator
    USING (published_at IS NOT NULL OR set_aside_at IS NOT NULL) WITH CHECK (published_at IS NULL AND set_aside_at IS NULL);
CREATE POLICY operator_repeats ON parked FOR UPDATE TO :operator USING (state = 'parked') WITH CHECK (state = 'replay');
