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

-- ---------------------------------------------------------------------------------------------------------------
-- What is due, as before, but nothing for an account that is disconnected: it waits until that is connected again.

GRANT SELECT (is_active) ON clients_social_platforms TO pressroom_sweeper;
DROP FUNCTION due_publications(integer, interval, integer);
CREATE FUNCTION due_publications(most integer, head_start interval, most_ahead integer)
RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH busy AS (
        SELECT p.agency_id, p.client_id, p.account_id FROM publications p WHERE p.state IN ('queued', 'running')
    ), first AS (
        SELECT DISTINCT ON (p.account_id) p.agency_id, p.client_id, p.id, p.next_run_at, is_due
        FROM publications p
        JOIN clients c ON c.id = p.client_id
        JOIN agencies a ON a.id = p.agency_id
        JOIN clients_social_platforms s ON s.id = p.account_id,
        LATERAL (SELECT p.due_at <= now() + head_start AS is_due) its_minute,
        LATERAL (SELECT EXISTS (SELECT FROM steps t WHERE t.publication_id = p.id AND t.state <> 'void'
                                    AND t.name IN ('publish', 'feed')) AS may_be_live) seen
        WHERE p.state = 'scheduled' AND p.next_run_at <= now() + head_start
            AND (is_due OR most_ahead > 0
                 AND NOT (s.usage_percent >= 95 AND s.usage_seen_at > now() - interval '1 hour'))
            AND (may_be_live OR ((c.paused_at IS NULL AND a.paused_at IS NULL)
                 AND c.leaving_at IS NULL AND a.leaves_at IS NULL
                 AND (s.blocked_until IS NULL OR s.blocked_until <= now())
                 AND s.ending IS NULL AND s.is_active
                 AND p.due_at >= now() - make_interval(mins => c.late_minutes)))
            AND p.account_id NOT IN (SELECT busy.account_id FROM busy)
        ORDER BY p.account_id, NOT is_due, p.next_run_at
    ), of_clients AS (
        SELECT first.*, coalesce(at_work, 0) + row_number() OVER (
            PARTITION BY first.client_id, is_due ORDER BY first.next_run_at) AS turn
        FROM first
        LEFT JOIN (SELECT busy.client_id, count(*) AS at_work FROM busy GROUP BY 1) theirs USING (client_id)
    ), of_agencies AS (
        SELECT o.agency_id, o.id, o.next_run_at, is_due, coalesce(at_work, 0) + row_number() OVER (
            PARTITION BY o.agency_id, is_due ORDER BY o.turn, o.next_run_at) AS turn
        FROM of_clients o
        LEFT JOIN (SELECT busy.agency_id, count(*) AS at_work FROM busy GROUP BY 1) theirs USING (agency_id)
    ), in_turn AS (
        SELECT o.*, row_number() OVER (PARTITION BY is_due ORDER BY o.turn, o.next_run_at) AS place
        FROM of_agencies o
    )
    SELECT i.agency_id, i.id FROM in_turn i WHERE is_due OR place <= most_ahead ORDER BY NOT is_due, place LIMIT most
$$;

-- ---------------------------------------------------------------------------------------------------------------
-- A removed client's channel is told of it: which that was, and when to try next; nothing once it was told.
ALTER TABLE departures ADD COLUMN channel_id text, ADD COLUMN tell_at timestamptz;

DO $$
DECLARE f regprocedure;
BEGIN
    EXECUTE format('GRANT pressroom_sweeper TO %I', current_user);
    GRANT CREATE ON SCHEMA public TO pressroom_sweeper;
    FOREACH f IN ARRAY ARRAY['agencies_of_workspace(text)', 'due_publications(integer, interval, integer)']::regprocedure[] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO pressroom_sweeper', f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pressroom_app', f);
    END LOOP;
    REVOKE CREATE ON SCHEMA public FROM pressroom_sweeper;
    EXECUTE format('REVOKE pressroom_sweeper FROM %I', current_user);
END $$;
