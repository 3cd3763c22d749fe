-- A supervisor may take a decision back: the case then has a further decision, and what was decided before stays.
ALTER TABLE decision ADD COLUMN number integer NOT NULL DEFAULT 1 CHECK (number > 0);
ALTER TABLE decision DROP CONSTRAINT decision_pkey;
ALTER TABLE decision ADD PRIMARY KEY (case_id, number);
ALTER TABLE decision ADD UNIQUE (case_id, number, decided_by);

-- The decider is repeated here, so that the database refuses the same person, under whatever name or role they act.
CREATE TABLE reopening (
    case_id     uuid        NOT NULL,
    number      integer     NOT NULL,
    decided_by  text        NOT NULL,
    reopened_by text        NOT NULL CHECK (reopened_by <> decided_by),
    reason      text        NOT NULL CHECK (reason <> ''),
    reopened_at timestamptz NOT NULL,
    state_after text        NOT NULL CHECK (state_after IN ('waiting', 'under_correction')),
    PRIMARY KEY (case_id, number),
    FOREIGN KEY (case_id, number, decided_by) REFERENCES decision (case_id, number, decided_by)
);

-- A further decision needs that the one before was taken back.
ALTER TABLE decision ADD COLUMN after_reopening integer GENERATED ALWAYS AS (nullif(number - 1, 0)) STORED;
ALTER TABLE decision ADD FOREIGN KEY (case_id, after_reopening) REFERENCES reopening (case_id, number);

-- A record that was reopened waits for its correction; it may still get its police reference.
ALTER TABLE triage_case DROP CONSTRAINT triage_case_state_check;
ALTER TABLE triage_case DROP CONSTRAINT triage_case_check;
ALTER TABLE triage_case DROP CONSTRAINT triage_case_check1;
ALTER TABLE triage_case
    ADD CONSTRAINT triage_case_state CHECK (
        state IN ('waiting', 'recorded', 'not_recorded', 'passed_on', 'transferred', 'under_correction')),
    ADD CONSTRAINT triage_case_record CHECK (
        (state IN ('recorded', 'transferred', 'under_correction')) = (record_ref IS NOT NULL)),
    ADD CONSTRAINT triage_case_reference CHECK (
        (police_reference IS NULL) = (transferred_at IS NULL)
        AND (state <> 'transferred' OR police_reference IS NOT NULL)
        AND (state IN ('transferred', 'under_correction') OR police_reference IS NULL));

-- A flag's owner may be relieved by another person.
CREATE TABLE flag_takeover (
    flag_id    uuid        NOT NULL REFERENCES safety_flag,
    taken_from text        NOT NULL,
    taken_by   text        NOT NULL CHECK (taken_by <> taken_from),
    reason     text        NOT NULL CHECK (reason <> ''),
    taken_at   timestamptz NOT NULL
);
CREATE INDEX flag_takeover_flag_id ON flag_takeover (flag_id);

ALTER TABLE reopening ENABLE ROW LEVEL SECURITY;
ALTER TABLE flag_takeover ENABLE ROW LEVEL SECURITY;
CREATE POLICY reopening_app ON reopening TO :app USING (true) WITH CHECK (true);
CREATE POLICY flag_takeover_app ON flag_takeover TO :app USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON reopening, flag_takeover TO :app;
