-- What the safety screen found: shown before anything else until an officer has acknowledged it, whatever becomes of the
-- submission (D-T0). The preview holds no free text.

CREATE TABLE safety_flag (
    flag_id         uuid        PRIMARY KEY,
    status_ref      uuid        NOT NULL UNIQUE,
    reasons         text[]      NOT NULL,
    preview         jsonb       NOT NULL,
    flagged_at      timestamptz NOT NULL,
    arrived_at      timestamptz NOT NULL DEFAULT now(),
    acknowledged_by text,
    acknowledged_at timestamptz,
    CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL))
);
CREATE INDEX safety_flag_open ON safety_flag (flagged_at) WHERE acknowledged_at IS NULL;
CREATE INDEX triage_case_status_ref ON triage_case (status_ref);

ALTER TABLE safety_flag ENABLE ROW LEVEL SECURITY;
CREATE POLICY safety_flag_app ON safety_flag TO :app USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON safety_flag TO :app;
GRANT UPDATE (acknowledged_by, acknowledged_at) ON safety_flag TO :app;
