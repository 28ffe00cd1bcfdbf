-- A workspace that left and began anew is another agency, and has a trail of each. They are found by the entries that
-- say of which workspace an agency is, and that it was removed.
CREATE INDEX audit_logs_of_workspace ON audit_logs ((details->>'slack_team_id'))
    WHERE action IN ('agency_added', 'agency_removed');

-- The agencies that a workspace is or was, the oldest first.
CREATE FUNCTION agencies_of_workspace(team text) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT found.id FROM (
          SELECT e.agency_id AS id, e.created_at FROM audit_logs e
          WHERE e.action IN ('agency_added', 'agency_removed') AND e.details->>'slack_team_id' = team
          UNION ALL SELECT a.id, a.created_at FROM agencies a WHERE a.slack_team_id = team) found
      GROUP BY found.id ORDER BY min(found.created_at), found.id $$;

DO $$
BEGIN
    EXECUTE format('GRANT pressroom_sweeper TO %I', current_user);
    GRANT CREATE ON SCHEMA public TO pressroom_sweeper;
    ALTER FUNCTION agencies_of_workspace(text) OWNER TO pressroom_sweeper;
    REVOKE ALL ON FUNCTION agencies_of_workspace(text) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION agencies_of_workspace(text) TO pressroom_app;
    REVOKE CREATE ON SCHEMA public FROM pressroom_sweeper;
    EXECUTE format('REVOKE pressroom_sweeper FROM %I', current_user);
END $$;
