-- How much an agency may send: what its entry does not say, the service's settings do. A key may have less.

ALTER TABLE agency
    ADD COLUMN per_minute integer CHECK (per_minute > 0),
    ADD COLUMN burst      integer CHECK (burst > 0),
    ADD CONSTRAINT agency_limit_whole CHECK ((per_minute IS NULL) = (burst IS NULL));

ALTER TABLE agency_key
    ADD COLUMN per_minute integer CHECK (per_minute > 0),
    ADD COLUMN burst      integer CHECK (burst > 0),
    ADD CONSTRAINT agency_key_limit_whole CHECK ((per_minute IS NULL) = (burst IS NULL));

-- What the form's types refuse, no other door lets in. An old entry with a bad name may submit no more: it is added anew.
UPDATE agency SET enabled = false, name = 'unusable ' || agency_id
WHERE NOT (char_length(name) BETWEEN 1 AND 200 AND name = btrim(name, E' \t\n\r\f\v') AND name !~ '[\x01-\x1f\x7f]');
UPDATE agency SET enabled = false, category = 'other'
WHERE category NOT IN ('school', 'council', 'housing', 'health', 'charity', 'other');
ALTER TABLE agency
    ADD CONSTRAINT agency_name_usable CHECK (
        char_length(name) BETWEEN 1 AND 200 AND name = btrim(name, E' \t\n\r\f\v') AND name !~ '[\x01-\x1f\x7f]'),
    ADD CONSTRAINT agency_category_known CHECK (
        category IN ('school', 'council', 'housing', 'health', 'charity', 'other'));

-- Token buckets: all that is kept of one is when it will be full again. Unlogged: after a crash of the database they are
-- all full, and no request waits for the disk.
CREATE UNLOGGED TABLE rate_bucket (
    holder  text        PRIMARY KEY,
    full_at timestamptz NOT NULL
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, UPDATE ON rate_bucket TO :app;
