-- The source desk is a process of its own, with its own role (`:desk`) and key; what is held is sealed to that key.
-- The worker adds to the restricted store and reads nothing of it; the desk reads what is held and never a source's record.
-- Whoever has one of the two roles cannot do the other's work. A row held by code from before stays sealed to the worker's
-- key: the desk says that it cannot be opened (docs/decisions/0019-worker-and-desk.md).

REVOKE ALL ON source_record, held, session FROM :app;
DROP POLICY service ON source_record;
DROP POLICY service ON held;

GRANT INSERT (source_ref, submission_ref, sealed, sealed_at) ON source_record TO :app;
GRANT INSERT (submission_ref, sealed, reasons, high, held_at) ON held TO :app;
CREATE POLICY worker ON source_record FOR INSERT TO :app WITH CHECK (true);
CREATE POLICY worker ON held FOR INSERT TO :app WITH CHECK (true);

GRANT SELECT ON held TO :desk;
GRANT UPDATE (sealed, state, version, decided_at, decided_by) ON held TO :desk;
CREATE POLICY desk_reads ON held FOR SELECT TO :desk USING (true);
CREATE POLICY desk_decides ON held FOR UPDATE TO :desk USING (state <> 'released') WITH CHECK (state <> 'waiting');

-- What the desk releases it adds to the outbox, and nothing else; the worker's relay publishes it. A release is not
-- urgent, has no lane, and goes to a partition that the topic has.
GRANT INSERT (event_id, topic, partition, key, value, urgent, lane) ON outbox TO :desk;
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON outbox TO :app USING (true) WITH CHECK (true);
CREATE POLICY desk_releases ON outbox FOR INSERT TO :desk
    WITH CHECK (topic = 'submission.sanitised.v1' AND NOT urgent AND lane IS NULL AND partition BETWEEN 0 AND 5);

-- Neither reads the audit, and neither adds an entry in the name of the other: the worker writes as a service, the desk as
-- a person. Operators write as the owner of the table.
REVOKE ALL ON audit FROM :app;
GRANT INSERT (at, actor, action, subject, reason) ON audit TO :app, :desk;
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON audit FOR INSERT TO :app WITH CHECK (actor LIKE 'service:%');
CREATE POLICY desk ON audit FOR INSERT TO :desk WITH CHECK (actor !~* '^(service|operator):');

GRANT SELECT, INSERT, UPDATE, DELETE ON session TO :desk;
