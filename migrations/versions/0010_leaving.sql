-- A client that is being removed: since when; nothing of it goes out, and nothing is added to it any more. An agency
-- that uninstalled: until when it may come back, by which time everything of it goes the same way; and who ended that
-- time, if somebody did (Slack's id).
ALTER TABLE clients ADD COLUMN leaving_at timestamptz;
ALTER TABLE agencies ADD COLUMN leaves_at timestamptz, ADD COLUMN leaving_by text;
CREATE INDEX agencies_leaving ON agencies (leaves_at) WHERE leaves_at IS NOT NULL;

-- Departures: clients on their way out, each with the step that is next. No foreign keys, as in audit_logs: a departure
-- outlives its client, until the export is over.
CREATE TABLE departures (
    id          uuid PRIMARY KEY,
    agency_id   uuid NOT NULL,
    client_id   uuid NOT NULL UNIQUE,
    client_name text NOT NULL,
    asked_by    text,
    step        text NOT NULL CHECK (step IN ('cancel', 'export', 'revoke', 'shred', 'delete', 'tell', 'expire')),
    step_since  timestamptz NOT NULL DEFAULT now(),
    attempts    integer NOT NULL DEFAULT 0,
    counts      jsonb NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz,
    next_run_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX departures_due ON departures (next_run_at);
CREATE INDEX departures_agency ON departures (agency_id);

CREATE FUNCTION keep_leaving() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a client that is being removed does not come back' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER clients_leaving BEFORE UPDATE OF leaving_at ON clients FOR EACH ROW
    WHEN (OLD.leaving_at IS NOT NULL AND NEW.leaving_at IS DISTINCT FROM OLD.leaving_at) EXECUTE FUNCTION keep_leaving();

-- Nothing is added to a client that is being removed. It fires after the foreign keys have waited for whoever removes it
-- (triggers go by their names), and looks at the client as it is by then.
CREATE FUNCTION refuse_for_leaving() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM clients c WHERE c.id = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid AND c.leaving_at IS NOT NULL) THEN
        RAISE EXCEPTION 'this client is being removed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['connections', 'connect_tickets', 'media', 'posts', 'post_versions', 'publications',
        'approvals', 'sign_offs'] LOOP
        EXECUTE format('CREATE TRIGGER stays AFTER INSERT ON %I FOR EACH ROW EXECUTE FUNCTION refuse_for_leaving(%L)', t, 'client_id');
    END LOOP;
    CREATE TRIGGER stays AFTER INSERT ON clients_social_platforms FOR EACH ROW EXECUTE FUNCTION refuse_for_leaving('parent_id');
END $$;

-- ---------------------------------------------------------------------------------------------------------------
-- What is due, and what is too late: as before, but nothing of a client or an agency that is leaving. What the public
-- may have seen is looked up all the same.

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

DROP FUNCTION late_publications(integer);
CREATE FUNCTION late_publications(most integer) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT p.agency_id, p.id
    FROM publications p
    JOIN clients c ON c.id = p.client_id AND c.paused_at IS NULL AND c.leaving_at IS NULL
    JOIN agencies a ON a.id = p.agency_id AND a.paused_at IS NULL AND a.leaves_at IS NULL
    WHERE p.state = 'scheduled' AND p.next_run_at <= now()
        AND p.due_at < now() - make_interval(mins => c.late_minutes)
        AND NOT EXISTS (SELECT FROM steps s WHERE s.publication_id = p.id AND s.state <> 'void'
                            AND s.name IN ('publish', 'feed'))
    ORDER BY p.due_at LIMIT most
$$;

-- ---------------------------------------------------------------------------------------------------------------
-- What must look across agencies

CREATE FUNCTION due_departures(most integer) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT d.agency_id, d.id FROM departures d WHERE d.next_run_at <= now() ORDER BY d.next_run_at LIMIT most $$;
CREATE FUNCTION find_departure(departure uuid) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT d.agency_id FROM departures d WHERE d.id = departure $$;
CREATE FUNCTION agencies_to_leave() RETURNS TABLE (id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT a.id FROM agencies a WHERE a.leaves_at <= now() $$;

-- Whether the person whose login this is has another one that stays, for any client of any agency: revoked at Meta, it
-- would end with it.
CREATE FUNCTION login_is_used(connection uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT EXISTS (
          SELECT FROM connections one
          JOIN connections other ON other.meta_user_id = one.meta_user_id AND other.client_id <> one.client_id
          JOIN clients c ON c.id = other.client_id
          WHERE one.id = connection AND other.is_active AND c.leaving_at IS NULL) $$;

-- Every agency that has a trail, those that are gone too.
CREATE FUNCTION every_trail() RETURNS TABLE (id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT c.agency_id FROM audit_chains c UNION SELECT u.agency_id FROM audit_unsealed u $$;
-- ---------------------------------------------------------------------------------------------------------------
-- Rights

ALTER TABLE departures ENABLE ROW LEVEL SECURITY;
ALTER TABLE departures FORCE ROW LEVEL SECURITY;
CREATE POLICY of_its_client ON departures TO pressroom_app USING (agency_id = (SELECT app_agency())
    AND ((SELECT app_sees_all()) OR (SELECT true FROM my_clients m WHERE m.client_id = departures.client_id)));
GRANT SELECT, INSERT, UPDATE, DELETE ON departures TO pressroom_app;
CREATE POLICY across_agencies ON departures FOR SELECT TO pressroom_sweeper USING (true);
GRANT SELECT (id, agency_id, next_run_at) ON departures TO pressroom_sweeper;
GRANT SELECT (leaving_at) ON clients TO pressroom_sweeper;
GRANT SELECT (client_id) ON connections TO pressroom_sweeper;

DO $$
DECLARE f regprocedure;
BEGIN
    EXECUTE format('GRANT pressroom_sweeper TO %I', current_user);
    GRANT CREATE ON SCHEMA public TO pressroom_sweeper;
    FOREACH f IN ARRAY ARRAY['due_publications(integer, interval, integer)'::regprocedure,
        'late_publications(integer)'::regprocedure, 'due_departures(integer)'::regprocedure,
        'find_departure(uuid)'::regprocedure, 'agencies_to_leave()'::regprocedure,
        'login_is_used(uuid)'::regprocedure, 'every_trail()'::regprocedure] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO pressroom_sweeper', f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pressroom_app', f);
    END LOOP;
    ALTER FUNCTION refuse_for_leaving() OWNER TO pressroom_sweeper;
    REVOKE ALL ON FUNCTION refuse_for_leaving() FROM PUBLIC;
    REVOKE CREATE ON SCHEMA public FROM pressroom_sweeper;
    EXECUTE format('REVOKE pressroom_sweeper FROM %I', current_user);
END $$;
