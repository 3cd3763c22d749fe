-- What an officer may see of a flagged submission's texts: it arrives after its flag or before it, and takes the place
-- of the flag's own preview.
CREATE TABLE safety_preview (
    status_ref uuid        PRIMARY KEY,
    preview    jsonb       NOT NULL,
    arrived_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE safety_preview ENABLE ROW LEVEL SECURITY;
CREATE POLICY safety_preview_app ON safety_preview TO :app USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON safety_preview TO :app;
