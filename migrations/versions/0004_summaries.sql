-- Who hears every working day what waits for them: at this hour on their own clock, next at `due_at`. `next_run_at`
-- is when to try; while Slack is away, or after a crash, that is a little later.

CREATE TABLE summaries (
    member_id   uuid PRIMARY KEY,
    agency_id   uuid NOT NULL,
    hour        integer NOT NULL CHECK (hour BETWEEN 0 AND 23),
    due_at      timestamptz NOT NULL,
    next_run_at timestamptz NOT NULL,
    FOREIGN KEY (member_id, agency_id) REFERENCES members (id, agency_id) ON DELETE CASCADE
);
CREATE INDEX summaries_due ON summaries (next_run_at);

CREATE FUNCTION due_summaries(most integer) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT s.agency_id, s.member_id FROM summaries s
      WHERE s.next_run_at <= now() ORDER BY s.next_run_at LIMIT most $$;

-- Everybody chooses for themselves, and what they do on their own account stands in the trail without a client.
ALTER TABLE summaries ENABLE ROW LEVEL SECURITY;
ALTER TABLE summaries FORCE ROW LEVEL SECURITY;
CREATE POLICY of_its_member ON summaries TO pressroom_app USING (agency_id = (SELECT app_agency())
    AND (member_id = (SELECT app_member()) OR (SELECT app_sees_all())));
CREATE POLICY across_agencies ON summaries FOR SELECT TO pressroom_sweeper USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON summaries TO pressroom_app;
GRANT SELECT ON summaries TO pressroom_sweeper;
CREATE POLICY append_ones_own ON audit_logs FOR INSERT TO pressroom_app WITH CHECK (agency_id = (SELECT app_agency())
    AND client_id IS NULL AND user_id = (SELECT m.slack_user_id FROM members m WHERE m.id = (SELECT app_member())));

DO $$
BEGIN
    EXECUTE format('GRANT pressroom_sweeper TO %I', current_user);
    GRANT CREATE ON SCHEMA public TO pressroom_sweeper;
    ALTER FUNCTION due_summaries(integer) OWNER TO pressroom_sweeper;
    REVOKE ALL ON FUNCTION due_summaries(integer) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION due_summaries(integer) TO pressroom_app;
    REVOKE CREATE ON SCHEMA public FROM pressroom_sweeper;
    EXECUTE format('REVOKE pressroom_sweeper FROM %I', current_user);
END $$;
