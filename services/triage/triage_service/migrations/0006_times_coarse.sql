-- Exact times no longer stand in a case, unless a person has let one stand: those from before are cut to the day and its
-- part, in local time. Code from before cannot read them and waits for its successor.

WITH moments AS (
    SELECT case_id, name, (content -> 'occurrence' ->> (name || '_at'))::timestamptz AT TIME ZONE 'Europe/London' AS local
    FROM triage_case, (VALUES ('began'), ('ended')) AS names (name)
    WHERE content -> 'occurrence' ? 'began_at'
), coarse AS (
    SELECT case_id, jsonb_object_agg(name, CASE WHEN local IS NOT NULL THEN jsonb_build_object(
        'year', extract(year FROM local)::int,
        'month', extract(month FROM local)::int,
        'day', extract(day FROM local)::int,
        'part', (ARRAY['night', 'morning', 'afternoon', 'evening'])[1 + extract(hour FROM local)::int / 6]) END) AS times
    FROM moments GROUP BY case_id
)
UPDATE triage_case
SET content = jsonb_set(content, '{occurrence}', (content -> 'occurrence') - 'began_at' - 'ended_at' || coarse.times)
FROM coarse WHERE coarse.case_id = triage_case.case_id;
