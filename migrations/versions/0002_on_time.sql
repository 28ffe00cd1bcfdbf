-- Whoever paused is named as Slack knows them: it is for people to read.
ALTER TABLE agencies ADD COLUMN paused_at timestamptz, ADD COLUMN paused_by text;
ALTER TABLE clients
    ADD COLUMN paused_at timestamptz,
    ADD COLUMN paused_by text,
    ADD COLUMN late_minutes integer NOT NULL DEFAULT 15 CHECK (late_minutes BETWEEN 1 AND 1440);

-- What Meta said of an account's limits, and until when it wants to be left alone
ALTER TABLE clients_social_platforms
    ADD COLUMN blocked_until timestamptz,
    ADD COLUMN usage_percent integer NOT NULL DEFAULT 0,
    ADD COLUMN usage_seen_at timestamptz,
    ADD COLUMN quota_used integer,
    ADD COLUMN quota_total integer,
    ADD COLUMN quota_seen_at timestamptz;

ALTER TABLE posts
    ADD COLUMN due_at timestamptz,
    DROP CONSTRAINT posts_state_check,
    ADD CONSTRAINT posts_state_check CHECK (state IN ('draft', 'scheduled', 'publishing', 'published', 'failed',
        'needs_review', 'late', 'cancelled'));
ALTER TABLE publications
    DROP CONSTRAINT publications_state_check,
    ADD CONSTRAINT publications_state_check CHECK (state IN ('scheduled', 'queued', 'running', 'published', 'failed',
        'needs_review', 'late', 'cancelled'));

CREATE INDEX publications_busy ON publications (account_id) WHERE state IN ('queued', 'running');
CREATE INDEX posts_queue ON posts (client_id, due_at) WHERE state IN ('scheduled', 'publishing', 'late');

-- ---------------------------------------------------------------------------------------------------------------
-- What is due: at most one publication an account, and none whose account is at work already, whose client or
-- agency is paused, or that is too late. What is at its minute comes before what is only prepared ahead; then
-- the agencies take turns. now(), not clock_timestamp(): only a stable function can be looked up in an index.

DROP FUNCTION due_publications(integer);
CREATE FUNCTION due_publications(most integer, head_start interval, ahead boolean) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT turns.agency_id, turns.id FROM (
        SELECT first.*, row_number() OVER (PARTITION BY first.agency_id, first.is_due ORDER BY first.next_run_at) AS turn
        FROM (
            SELECT DISTINCT ON (p.account_id) p.agency_id, p.client_id, p.account_id, p.id, p.next_run_at,
                p.due_at <= now() + head_start AS is_due
            FROM publications p
            WHERE p.state = 'scheduled' AND p.next_run_at <= now() + head_start
                AND (ahead OR p.due_at <= now() + head_start)
            ORDER BY p.account_id, p.due_at > now() + head_start, p.next_run_at
        ) first
        JOIN clients c ON c.id = first.client_id AND c.paused_at IS NULL
        JOIN agencies a ON a.id = first.agency_id AND a.paused_at IS NULL
        JOIN clients_social_platforms s ON s.id = first.account_id
            AND (s.blocked_until IS NULL OR s.blocked_until <= now())
        WHERE NOT EXISTS (SELECT FROM publications busy
                          WHERE busy.account_id = first.account_id AND busy.state IN ('queued', 'running'))
    ) turns
    ORDER BY NOT is_due, turn, next_run_at LIMIT most
$$;

-- What is too late to go out by itself, unless a call that the public may see was made and is still open.
CREATE FUNCTION late_publications(most integer) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT p.agency_id, p.id
    FROM publications p
    JOIN clients c ON c.id = p.client_id AND c.paused_at IS NULL
    JOIN agencies a ON a.id = p.agency_id AND a.paused_at IS NULL
    WHERE p.state = 'scheduled' AND p.next_run_at <= now()
        AND p.due_at < now() - make_interval(mins => c.late_minutes)
        AND NOT EXISTS (SELECT FROM steps s WHERE s.publication_id = p.id AND s.state = 'intent'
                            AND s.name IN ('publish', 'feed'))
    ORDER BY p.due_at LIMIT most
$$;

DO $$
DECLARE t text; f regprocedure;
BEGIN
    FOREACH t IN ARRAY ARRAY['clients', 'clients_social_platforms', 'steps'] LOOP
        EXECUTE format('CREATE POLICY across_agencies ON %I FOR SELECT TO pressroom_sweeper USING (true)', t);
    END LOOP;
    GRANT SELECT (id, paused_at, late_minutes) ON clients TO pressroom_sweeper;
    GRANT SELECT (id, blocked_until) ON clients_social_platforms TO pressroom_sweeper;
    GRANT SELECT (publication_id, name, state) ON steps TO pressroom_sweeper;
    EXECUTE format('GRANT pressroom_sweeper TO %I', current_user);
    GRANT CREATE ON SCHEMA public TO pressroom_sweeper;
    FOREACH f IN ARRAY ARRAY['due_publications(integer, interval, boolean)'::regprocedure,
        'late_publications(integer)'::regprocedure] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO pressroom_sweeper', f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pressroom_app', f);
    END LOOP;
    REVOKE CREATE ON SCHEMA public FROM pressroom_sweeper;
    EXECUTE format('REVOKE pressroom_sweeper FROM %I', current_user);
END $$;
