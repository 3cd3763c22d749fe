-- replaces: intake_service/0001_submissions.sql
-- replaces: sanitiser_service/0002_key_bundle.sql
-- The newest bundle of public keys ever used: an older one is a roll-back and refused.
CREATE TABLE key_bundle (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  integer NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON key_bundle TO :app;
