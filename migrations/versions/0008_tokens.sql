-- A login's life: when it is renewed next, when it was looked at and will be again, when to see who is told of its end,
-- and the nearest warning that was given (days ahead). Whoever renews it or looks at it holds its lease.
ALTER TABLE connections
    ADD COLUMN lease_until timestamptz,
    ADD COLUMN refresh_at timestamptz,
    ADD COLUMN refreshed_at timestamptz,
    ADD COLUMN check_at timestamptz,
    ADD COLUMN checked_at timestamptz,
    ADD COLUMN warn_at timestamptz,
    ADD COLUMN warned_days integer,
    ADD COLUMN ending text,
    ADD COLUMN ended_at timestamptz,
    ADD CHECK ((ending IS NULL) = (ended_at IS NULL));
ALTER TABLE clients_social_platforms
    ADD COLUMN ending text,
    ADD COLUMN ended_at timestamptz,
    ADD CHECK ((ending IS NULL) = (ended_at IS NULL));

-- What was noted so far has no word for why; those of tomorrow's look find one. Not all logins on the same minute.
UPDATE clients_social_platforms SET ending = 'logged_out', ended_at = now() WHERE trouble IS NOT NULL AND is_active;
UPDATE connections SET check_at = now() + random() * interval '1 day', warn_at = now(),
    refresh_at = greatest(now(), token_expires_at - interval '30 days') + random() * interval '1 day' WHERE is_active;

CREATE INDEX connections_refresh ON connections (refresh_at) WHERE is_active;
CREATE INDEX connections_check ON connections (check_at) WHERE is_active;
CREATE INDEX connections_warn ON connections (warn_at) WHERE is_active;
CREATE INDEX connections_meta_user ON connections (meta_user_id);

-- Who is told of a login's end: so many days ahead, or (without days) that it has come
CREATE TABLE alerts (
    id            uuid PRIMARY KEY,
    agency_id     uuid NOT NULL,
    client_id     uuid NOT NULL,
    connection_id uuid NOT NULL,
    member_id     uuid NOT NULL,
    days          integer CHECK (days > 0),
    next_run_at   timestamptz NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    said_at       timestamptz,
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE,
    FOREIGN KEY (connection_id, client_id) REFERENCES connections (id, client_id) ON DELETE CASCADE,
    FOREIGN KEY (member_id, agency_id) REFERENCES members (id, agency_id) ON DELETE CASCADE
);
CREATE INDEX alerts_client ON alerts (client_id);
CREATE INDEX alerts_connection ON alerts (connection_id);
CREATE INDEX alerts_member ON alerts (member_id);
CREATE INDEX alerts_due ON alerts (next_run_at) WHERE said_at IS NULL;

-- ---------------------------------------------------------------------------------------------------------------
-- What is due: as before, but nothing for an account that waits for a new login. Its publications keep their place, so
-- that they go on by themselves after it, or become late meanwhile.

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
                 AND (s.blocked_until IS NULL OR s.blocked_until <= now())
                 AND s.ending IS NULL
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
-- What must look across agencies: whose lease is free and whose time has come, and whose login a person's is

CREATE FUNCTION due_refreshes(most integer) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT c.agency_id, c.id FROM connections c
      WHERE c.is_active AND c.ending IS NULL AND c.refresh_at <= now() AND (c.lease_until IS NULL OR c.lease_until < now())
      ORDER BY c.refresh_at LIMIT most $$;
CREATE FUNCTION due_checkups(most integer) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT c.agency_id, c.id FROM connections c
      WHERE c.is_active AND c.check_at <= now() AND (c.lease_until IS NULL OR c.lease_until < now())
      ORDER BY c.check_at LIMIT most $$;
CREATE FUNCTION due_warnings(most integer) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT c.agency_id, c.id FROM connections c
      WHERE c.is_active AND c.warn_at <= now() ORDER BY c.warn_at LIMIT most $$;
CREATE FUNCTION due_alerts(most integer) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT a.agency_id, a.id FROM alerts a
      WHERE a.said_at IS NULL AND a.next_run_at <= now() ORDER BY a.next_run_at LIMIT most $$;
CREATE FUNCTION connections_of(meta_user text) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT c.agency_id, c.id FROM connections c WHERE c.meta_user_id = meta_user ORDER BY c.id $$;

-- ---------------------------------------------------------------------------------------------------------------
-- Rights

ALTER TABLE alerts ENABLE ROW LEVEL SECURITY;
ALTER TABLE alerts FORCE ROW LEVEL SECURITY;
CREATE POLICY of_its_client ON alerts TO pressroom_app USING (agency_id = (SELECT app_agency())
    AND ((SELECT app_sees_all()) OR (SELECT true FROM my_clients m WHERE m.client_id = alerts.client_id)));
GRANT SELECT, INSERT, UPDATE, DELETE ON alerts TO pressroom_app;
CREATE POLICY across_agencies ON alerts FOR SELECT TO pressroom_sweeper USING (true);
GRANT SELECT (id, agency_id, next_run_at, said_at) ON alerts TO pressroom_sweeper;
GRANT SELECT (id, agency_id, meta_user_id, is_active, ending, lease_until, refresh_at, check_at, warn_at)
    ON connections TO pressroom_sweeper;
GRANT SELECT (ending) ON clients_social_platforms TO pressroom_sweeper;

DO $$
DECLARE f regprocedure;
BEGIN
    EXECUTE format('GRANT pressroom_sweeper TO %I', current_user);
    GRANT CREATE ON SCHEMA public TO pressroom_sweeper;
    FOREACH f IN ARRAY ARRAY['due_publications(integer, interval, integer)'::regprocedure,
        'due_refreshes(integer)'::regprocedure, 'due_checkups(integer)'::regprocedure,
        'due_warnings(integer)'::regprocedure, 'due_alerts(integer)'::regprocedure,
        'connections_of(text)'::regprocedure] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO pressroom_sweeper', f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pressroom_app', f);
    END LOOP;
    REVOKE CREATE ON SCHEMA public FROM pressroom_sweeper;
    EXECUTE format('REVOKE pressroom_sweeper FROM %I', current_user);
END $$;
