-- A key ends on its own, and shows the day of its last use: the day only, because a minute would tell when somebody submitted.

ALTER TABLE agency_key
    ADD COLUMN expires_at   timestamptz,
    ADD COLUMN last_used_on date;

GRANT UPDATE (last_used_on) ON agency_key TO :app;
