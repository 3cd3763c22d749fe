-- Events are signed by the process that publishes them, before the row is written: `signer` is the id of its key. The
-- relay sends what the row holds and signs nothing, so a row written by hand reaches no effect. Rows from before have none.
ALTER TABLE outbox ADD COLUMN signer text, ADD COLUMN signature bytea;
