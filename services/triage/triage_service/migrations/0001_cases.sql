-- Cases and the one decision that each of them gets. Content is sanitised: no source, submitter or agency name comes here.

CREATE TABLE triage_case (
    case_id          uuid        PRIMARY KEY,
    source_ref       uuid        NOT NULL UNIQUE,
    status_ref       uuid        NOT NULL,
    agency_category  text        NOT NULL,
    received_on      date        NOT NULL,
    opened_at        timestamptz NOT NULL,
    content          jsonb       NOT NULL,
    recommendation   jsonb       NOT NULL,
    state            text        NOT NULL
        CHECK (state IN ('waiting', 'recorded', 'not_recorded', 'passed_on', 'transferred')),
    version          integer     NOT NULL,
    record_ref       uuid        UNIQUE CHECK (record_ref <> source_ref AND record_ref <> case_id),
    police_reference text,
    transferred_at   timestamptz,
    -- What the queue shows and orders by, so that listing never reads whole texts.
    headline         text        NOT NULL GENERATED ALWAYS AS (
        CASE WHEN content ->> 'title' <> '' THEN content ->> 'title' ELSE left(content ->> 'narrative', 90) || '…' END) STORED,
    category         text        NOT NULL GENERATED ALWAYS AS (content ->> 'category') STORED,
    recommended      text        NOT NULL GENERATED ALWAYS AS (recommendation ->> 'outcome') STORED,
    priority         text        NOT NULL GENERATED ALWAYS AS (recommendation ->> 'priority') STORED,
    priority_rank    smallint    NOT NULL GENERATED ALWAYS AS (
        CASE recommendation ->> 'priority' WHEN 'immediate' THEN 1 WHEN 'high' THEN 2 WHEN 'routine' THEN 3 ELSE 4 END) STORED,
    CHECK ((state IN ('recorded', 'transferred')) = (record_ref IS NOT NULL)),
    CHECK ((state = 'transferred') = (police_reference IS NOT NULL AND transferred_at IS NOT NULL))
);
CREATE INDEX triage_case_waiting ON triage_case (priority_rank, opened_at, case_id) WHERE state = 'waiting';
CREATE INDEX triage_case_decided ON triage_case (state) WHERE state <> 'waiting';

-- The primary key is the guarantee behind the form's version: a case is decided once.
CREATE TABLE decision (
    case_id     uuid        PRIMARY KEY REFERENCES triage_case,
    outcome     text        NOT NULL CHECK (outcome IN ('record', 'not_record', 'other_route')),
    route       text        CHECK (route IN ('crime_desk', 'mash', 'prevent')),
    reason_code text,
    reason      text        NOT NULL CHECK (reason <> ''),
    decided_by  text        NOT NULL,
    decided_at  timestamptz NOT NULL,
    disposal_on date,
    CHECK ((outcome = 'other_route') = (route IS NOT NULL)),
    CHECK ((outcome = 'not_record') = (reason_code IS NOT NULL AND disposal_on IS NOT NULL))
);
CREATE INDEX decision_decided_at ON decision (decided_at DESC, case_id);

-- Row-level security keeps rows out of the DETAIL of error messages; these policies restrict nobody further.
ALTER TABLE triage_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE decision ENABLE ROW LEVEL SECURITY;
CREATE POLICY triage_case_app ON triage_case TO :app USING (true) WITH CHECK (true);
CREATE POLICY decision_app ON decision TO :app USING (true) WITH CHECK (true);

-- What was decided never changes: a decision may be added and read.
GRANT SELECT, INSERT ON triage_case, decision TO :app;
GRANT UPDATE (state, version, record_ref, police_reference, transferred_at) ON triage_case TO :app;
