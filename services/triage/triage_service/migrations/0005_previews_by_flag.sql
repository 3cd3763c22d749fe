-- A preview belongs to its flag by the flag's id, and keeps no minute of its own. Code from before waits for its successor.
ALTER TABLE safety_preview RENAME COLUMN status_ref TO flag_id;
ALTER TABLE safety_preview DROP COLUMN arrived_at;
